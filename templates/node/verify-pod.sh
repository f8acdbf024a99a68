# shellcheck shell=bash
# Proves that a pod runs: nginx is scheduled, its image is there, its container runs and answers its readiness probe.
# Needs NAMESPACE, MANIFEST: the pod `nginx` as YAML. Publishes sample-pod: "node/pod/address". Runs on the first control
# plane.

check() {
  local fields pod phase ready ip node reason message
  # Of the container's state one of waiting, running and terminated is there.
  local state='.status.containerStatuses[0].state'
  fields='{.status.phase}|{.status.conditions[?(@.type=="Ready")].status}|{.status.podIP}|{.spec.nodeName}'
  fields+="|{$state.waiting.reason}{$state.terminated.reason}|{$state.waiting.message}{$state.terminated.message}"
  fields+='{.status.conditions[?(@.type=="PodScheduled")].message}'
  pod=$(kubectl --request-timeout=5s -n "$NAMESPACE" get pod nginx -o jsonpath="$fields")
  IFS='|' read -r phase ready ip node reason message <<<"$pod"
  if [ "$phase/$ready" != Running/True ]; then
    [ -n "$reason" ] || reason="$phase, not Ready"
    echo "pod nginx${node:+ on $node}: $reason${message:+: $message}"
    return 1
  fi
  publish sample-pod "$node/nginx/$ip"
  echo "nginx runs on $node at $ip"
} 2>&1

apply() {
  kubectl -n "$NAMESPACE" apply -f - <<<"$MANIFEST"
}
