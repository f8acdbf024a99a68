# shellcheck shell=bash
# Proves that the control plane notices a node that does not answer any more: its Ready is not True.
# Needs NODE: the node's name. Goes through kubectl.

check() {
  local seen ready reason
  seen=$(kubectl --request-timeout=5s get node "$NODE" \
    -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}|{.status.conditions[?(@.type=="Ready")].reason}')
  IFS='|' read -r ready reason <<<"$seen"
  if [ "$ready" = True ]; then
    echo "$NODE is off and still counts as Ready"
    return 1
  fi
  echo "Ready of $NODE is ${ready:-missing}: ${reason:-no reason given}"
} 2>&1
