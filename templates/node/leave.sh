# shellcheck shell=bash
# Guarantees: the cluster does not know the node NODE any more; what ran there was moved to other nodes, as far as it let
# itself be moved. Where the cluster cannot be asked nothing is done, and need not be: NODE takes its old place when it
# joins again. For a control plane.
# Needs: NODE.

# ask_cluster: sets `ready` to whether NODE is Ready (True, False, Unknown), to nothing when the cluster does not know it; else
# fails, with `reason`.
ask_cluster() {
  ready=$(kubectl --request-timeout=5s get node "$NODE" --ignore-not-found \
    -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}.' 2>&1) || {
    reason="the cluster cannot be asked: ${ready##*$'\n'}"
    return 1
  }
}

check() {
  local ready reason
  if ! ask_cluster; then
    echo "$reason"
    return 1
  fi
  if [[ -n $ready ]]; then
    echo "$NODE is a node of the cluster"
    return 1
  fi
  echo "the cluster has no node $NODE"
}

apply() {
  local ready reason
  ask_cluster || skip "$reason"
  # It is a member of etcd, which would miss it.
  if [[ $(kubectl --request-timeout=5s get node "$NODE" --ignore-not-found -o 'jsonpath={.metadata.labels}') == \
    *node-role.kubernetes.io/control-plane* ]]; then
    echo "$NODE is a control plane, which does not leave by itself"
    return 1
  fi
  # A node that is not there would never say that its pods have ended.
  if [[ $ready == True. ]]; then
    kubectl drain "$NODE" --ignore-daemonsets --delete-emptydir-data --force --timeout=30s || echo "not all pods could be moved, going on"
  fi
  kubectl --request-timeout=30s delete node "$NODE" --ignore-not-found
}
