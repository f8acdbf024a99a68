# shellcheck shell=bash
# Guarantees: this node has joined the cluster and its kubelet is healthy; on a control plane its API server is ready.
# Needs: ADDRESS (of this node), CONFIG (kubeadm's YAML, whose discovery file is /etc/kubernetes/kprov-discovery.conf), DISCOVERY (that file:
# a kubeconfig with the cluster's CA and a token; secret), PKI (base64 of a tar.gz of the cluster's CA files, for
# control planes only, else empty; secret), SERVICES (the runtime's units).

kubernetes=/etc/kubernetes
discovery_file=$kubernetes/kprov-discovery.conf
# Written when `kubeadm join` has succeeded: the kubelet writes kubelet.conf well before that.
join_done=$kubernetes/kprov/join-done

is_control_plane() { [[ $'\n'$CONFIG == *$'\ncontrolPlane:'* ]]; }

# all_files: sets `absent` to the first file of a joined node that is missing or empty.
all_files() {
  local files=(kubelet.conf pki/ca.crt)
  ! is_control_plane || files+=(admin.conf manifests/{kube-apiserver,kube-controller-manager,kube-scheduler}.yaml)
  for absent in "${files[@]}"; do
    [[ -s $kubernetes/$absent ]] || return 1
  done
}

check() {
  local absent
  if ! all_files; then
    echo "$kubernetes/$absent is missing"
    return 1
  fi
  if [[ ! -e $join_done ]]; then
    echo "kubeadm join has not finished"
    return 1
  fi
  if ! kubelet_healthy; then
    echo "the kubelet is not healthy"
    return 1
  fi
  if [[ -e $discovery_file ]]; then
    echo "$discovery_file with a token is still there"
    return 1
  fi
  if is_control_plane && ! curl -fsk -m 5 -o /dev/null "https://$ADDRESS:6443/readyz"; then
    echo "the api server on $ADDRESS:6443 is not ready"
    return 1
  fi
  echo "joined, the kubelet is healthy"
}

# server_in KUBECONFIG-TEXT: sets `server`.
server_in() {
  server=
  [[ ! $1 =~ server:\ *([^[:space:]]+) ]] || server=${BASH_REMATCH[1]}
}

# finish: does what `kubeadm join` does after the kubelet has its certificate, for one that was killed just then.
# Resetting such a worker would only take longer: a node that is Ready cannot join again under its name.
finish() {
  local certificate=/var/lib/kubelet/pki/kubelet-client-current.pem
  [[ -s $certificate ]] && ! is_control_plane && all_files || return 1
  start_services
  wait_until 60 curl -sf -m 5 -o /dev/null --cacert $kubernetes/pki/ca.crt --cert $certificate --key $certificate \
    -X PATCH -H 'Content-Type: application/merge-patch+json' "$ours/api/v1/nodes/$node" \
    -d '{"metadata": {"annotations": {"kubeadm.alpha.kubernetes.io/cri-socket": "'"$socket"'"}}}'
}

# still_ready: whether the cluster believes that this node runs. Asked with the discovery file's token, which goes
# through standard input, as everybody can read a command line.
still_ready() {
  local answer token=
  [[ ! $DISCOVERY =~ token:\ *([^[:space:]]+) ]] || token=${BASH_REMATCH[1]}
  answer=$(curl -sf -m 5 --cacert <(authority) --config - "$ours/api/v1/nodes/$node?pretty=false" \
    <<< "header = \"Authorization: Bearer $token\"") || return 1
  [[ $answer == *'"type":"Ready","status":"True"'* ]]
}
authority() {
  [[ ! $DISCOVERY =~ certificate-authority-data:\ *([^[:space:]]+) ]] || base64 -d <<< "${BASH_REMATCH[1]}"
}

# reset_leftovers: a join that begins anew stumbles over any of these.
reset_leftovers() {
  if [[ -e $kubernetes/kubelet.conf || -e $kubernetes/bootstrap-kubelet.conf || -e $kubernetes/pki/ca.crt \
    || -e /var/lib/kubelet/config.yaml || -n $(ls -A $kubernetes/manifests 2>/dev/null) ]]; then
    rm -f $join_done
    kubeadm reset -f --cri-socket "$socket"
  fi
}

apply() {
  local absent server ours text i node socket=/run/containerd/containerd.sock
  only_kubeadm
  rm -f $discovery_file
  if all_files && [[ -e $join_done ]]; then
    start_services
    ! wait_until 60 kubelet_healthy || return 0
  fi
  read -r node < /proc/sys/kernel/hostname
  [[ ! $CONFIG =~ criSocket:[[:space:]]*\"?([^[:space:]\"]+) ]] || socket=${BASH_REMATCH[1]}
  server_in "$DISCOVERY"
  ours=$server
  # A host of somebody else's cluster shall not be torn out of it.
  if read_file $kubernetes/kubelet.conf; then
    server_in "$text"
    if [[ -n $server && $server != "$ours" ]]; then
      echo "this node belongs to the cluster at $server: reset it first"
      return 1
    fi
  fi
  trap 'rm -f $discovery_file $kubernetes/bootstrap-kubelet.conf' EXIT
  mkdir -p $kubernetes/kprov
  if [[ ! -e $join_done ]] && finish; then
    write_file $join_done 644 <<< 'kubeadm join has finished'
    return
  fi
  reset_leftovers
  # After a reset the cluster goes on believing in the node for node-monitor-grace-period (40 s), and kubeadm refuses
  # to join for so long.
  for ((i = 0; i < 45; i++)); do
    still_ready || break
    [[ $i != 0 ]] || waits "the cluster has not noticed yet that $node is gone, which takes 40 s"
    sleep 2
  done
  write_file $kubernetes/kprov/kubeadm.yaml 600 <<< "$CONFIG"
  write_file $discovery_file 600 <<< "$DISCOVERY"
  if [[ -n $PKI ]]; then
    mkdir -p $kubernetes/pki
    (umask 077 && base64 -d <<< "$PKI" | tar -xz -C $kubernetes/pki --no-same-owner)
  fi
  kubeadm join --config $kubernetes/kprov/kubeadm.yaml
  write_file $join_done 644 <<< 'kubeadm join has finished'
}
