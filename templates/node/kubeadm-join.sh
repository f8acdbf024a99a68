# shellcheck shell=bash
# Guarantees: this node has joined the cluster and its kubelet is healthy.
# Needs: CONFIG (kubeadm's YAML, whose discovery file is /etc/kubernetes/kprov-discovery.conf), DISCOVERY (that file:
# a kubeconfig with the cluster's CA and a token; secret), PKI (base64 of a tar.gz of the cluster's CA files, for
# control planes only, else empty; secret).

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
  echo "joined, the kubelet is healthy"
}

# server_in KUBECONFIG-TEXT: sets `server`.
server_in() {
  server=
  [[ ! $1 =~ server:\ *([^[:space:]]+) ]] || server=${BASH_REMATCH[1]}
}

apply() {
  local absent server ours text socket=/run/containerd/containerd.sock
  rm -f $discovery_file
  if all_files && [[ -e $join_done ]]; then
    systemctl start containerd kubelet
    ! wait_until 20 kubelet_healthy || return 0
  fi
  # A host of somebody else's cluster shall not be torn out of it.
  if [[ -s $kubernetes/kubelet.conf ]]; then
    server_in "$DISCOVERY"
    ours=$server
    read_file $kubernetes/kubelet.conf
    server_in "$text"
    if [[ -n $server && $server != "$ours" ]]; then
      echo "this node belongs to the cluster at $server: reset it first"
      return 1
    fi
  fi
  trap 'rm -f $discovery_file $kubernetes/bootstrap-kubelet.conf' EXIT
  [[ ! $CONFIG =~ criSocket:[[:space:]]*\"?([^[:space:]\"]+) ]] || socket=${BASH_REMATCH[1]}
  if [[ -e $kubernetes/kubelet.conf || -e $kubernetes/bootstrap-kubelet.conf || -e $kubernetes/pki/ca.crt \
    || -e /var/lib/kubelet/config.yaml || -n $(ls -A $kubernetes/manifests 2>/dev/null) ]]; then
    rm -f $join_done
    kubeadm reset -f --cri-socket "$socket"
  fi
  mkdir -p $kubernetes/kprov
  write_file $kubernetes/kprov/kubeadm.yaml 600 <<< "$CONFIG"
  write_file $discovery_file 600 <<< "$DISCOVERY"
  if [[ -n $PKI ]]; then
    mkdir -p $kubernetes/pki
    (umask 077 && base64 -d <<< "$PKI" | tar -xz -C $kubernetes/pki --no-same-owner)
  fi
  kubeadm join --config $kubernetes/kprov/kubeadm.yaml
  write_file $join_done 644 <<< 'kubeadm join has finished'
}
