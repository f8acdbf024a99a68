# shellcheck shell=bash
# Proves that the service in front of the pod nginx has a port on the nodes and the pod behind it.
# Needs NAMESPACE, MANIFEST: the NodePort service `nginx` as YAML. Publishes node-port. Runs on the first control plane.

check() {
  local service port cluster_ip pods
  service=$(kubectl --request-timeout=5s -n "$NAMESPACE" get service nginx -o jsonpath='{.spec.ports[0].nodePort}|{.spec.clusterIP}')
  IFS='|' read -r port cluster_ip <<<"$service"
  if [[ ! $port =~ ^[0-9]+$ ]] || [ "$port" -lt 30000 ] || [ "$port" -gt 32767 ]; then
    echo "service nginx has the node port '${port:-none}', which is not in 30000 to 32767"
    return 1
  fi
  pods=$(kubectl --request-timeout=5s -n "$NAMESPACE" get endpointslices -l kubernetes.io/service-name=nginx -o jsonpath='{range .items[*].endpoints[?(@.conditions.ready==true)]}{.addresses[0]} {end}')
  if [ -z "$pods" ]; then
    echo "service nginx ($cluster_ip) has no ready pod behind it"
    return 1
  fi
  publish node-port "$port"
  echo "node port $port leads to ${pods% }"
} 2>&1

apply() {
  kubectl -n "$NAMESPACE" apply -f - <<<"$MANIFEST"
}
