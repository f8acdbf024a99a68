# shellcheck shell=bash
# Proves that the pod answers at its own address, from a node: no service and no port of a node is in between.
# Needs NAMESPACE. Runs on the first control plane.

check() {
  local seen ip node page
  seen=$(kubectl --request-timeout=5s -n "$NAMESPACE" get pod nginx -o jsonpath='{.status.podIP} {.spec.nodeName}')
  read -r ip node <<<"$seen"
  if ! page=$(curl -fsS -m 3 --noproxy '*' "http://$ip/" 2>&1); then
    echo "http://$ip/ (on $node): ${page#curl: ([0-9]*) }"
    return 1
  fi
  if [[ $page != *nginx* ]]; then
    likely 2
    echo "http://$ip/ (on $node): another page than nginx's welcome"
    return 1
  fi
  echo "nginx's page from $ip, which is on $node"
} 2>&1
