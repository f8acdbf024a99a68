# shellcheck shell=bash
# Guarantees: where the cluster shall have no worker, its control planes take pods. Where workers have come, control
# planes have the taint again that kprov took away or had left out; one that somebody else took away stays away. A pod
# that runs there goes on running.
# Needs: ADDRESS (of this node's API server), WORKERS (whether there shall be workers: yes or no), TAINTS (what kubeadm of
# this version gives control planes, with spaces between).

# nodes SELECTOR: sets `nodes` to those with such labels.
nodes() {
  local pki=/etc/kubernetes/pki
  nodes=$(curl -sf -m 10 --cacert $pki/ca.crt --cert $pki/apiserver-kubelet-client.crt --key $pki/apiserver-kubelet-client.key \
    "https://$ADDRESS:6443/api/v1/nodes?labelSelector=$1&pretty=false")
}

control_planes=node-role.kubernetes.io/control-plane

check() {
  local nodes
  if [[ $WORKERS == no ]]; then
    if nodes $control_planes && [[ $nodes =~ \"key\":\"node-role\.kubernetes\.io/(master|control-plane)\" ]]; then
      echo "no node takes pods: there is no worker, and the control plane has its taint"
      return 1
    fi
    echo "control planes take pods, as there is no worker"
  elif [[ ! -e ${opened:?} ]]; then
    echo "workers take pods"
  # An exclamation mark, as an address has it.
  elif ! nodes "%21$control_planes" || [[ $nodes == *'"items":[]'* ]]; then
    echo "control planes take pods until a worker has joined"
  else
    echo "control planes take pods, though there are workers"
    return 1
  fi
}

apply() {
  local name words
  if [[ $WORKERS == no ]]; then
    write_file "$opened" 644 <<< 'its taint was taken away'
    # One of them is not there: 1.20 to 1.24 have the old name, later ones the new.
    for name in master control-plane; do
      kubectl --request-timeout=30s taint nodes -l $control_planes "node-role.kubernetes.io/$name:NoSchedule-" || true
    done
    return
  fi
  read -r -a words <<< "$TAINTS"
  kubectl --request-timeout=30s taint nodes -l $control_planes --overwrite "${words[@]/%/:NoSchedule}"
  rm -f "$opened"
}
