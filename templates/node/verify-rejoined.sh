# shellcheck shell=bash
# Proves that a node that was off is Ready again.
# Needs NODE: the node's name. Goes through kubectl.

check() {
  local seen ready message
  seen=$(kubectl --request-timeout=5s get node "$NODE" \
    -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}|{.status.conditions[?(@.type=="Ready")].message}')
  IFS='|' read -r ready message <<<"$seen"
  if [ "$ready" != True ]; then
    echo "$NODE is not Ready yet: ${message:-no reason given}"
    return 1
  fi
  echo "$NODE is Ready"
} 2>&1
