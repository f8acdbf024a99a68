# shellcheck shell=bash
# Guarantees: this node is a control plane that `kubeadm init` has finished, its API server is ready, and what kubeadm
# puts into every cluster is there: kube-proxy and coredns, which `kubectl delete all --all -A` takes along. Its kubelet,
# which kubeadm restarts in the end, is a later step's: others can join before it is back.
# Never resets: certificates and etcd's data that exist are used again, so a half-finished or damaged control plane
# is continued. A control plane that shall run pods has `taints: []` in CONFIG.
# Needs: CONFIG (kubeadm's YAML), ADDRESS (where the API server listens), SERVICES (the runtime's units).
# Publishes: admin-conf-sum (SHA-256 of admin.conf, which tells whether the workstation's copy is current).

kubernetes=/etc/kubernetes
# Written when `kubeadm init` has succeeded: half-way, all files may be there and the API server ready, while the
# add-ons and the join settings are still missing. It lies beside what kubeadm wrote.
init_done=$kubernetes/kprov/init-done

# all_files: sets `absent` to the first file of a finished control plane that is missing or empty.
all_files() {
  for absent in admin.conf kubelet.conf controller-manager.conf scheduler.conf pki/ca.crt \
    manifests/{kube-apiserver,kube-controller-manager,kube-scheduler}.yaml; do
    [[ -s $kubernetes/$absent ]] || return 1
  done
}

ready() { curl -fsk -m 5 -o /dev/null "https://$ADDRESS:6443/readyz"; }

# add_ons: whether kubeadm's own are there. All asked over one connection, as this runs at every `up`.
add_ons() {
  local pki=$kubernetes/pki system=https://$ADDRESS:6443 statuses
  local apps=$system/apis/apps/v1/namespaces/kube-system
  statuses=$(curl -s -m 10 --cacert $pki/ca.crt --cert $pki/apiserver-kubelet-client.crt --key $pki/apiserver-kubelet-client.key \
    -w '%{http_code} ' -o /dev/null "$apps/daemonsets/kube-proxy" -o /dev/null "$apps/deployments/coredns" \
    -o /dev/null "$system/api/v1/namespaces/kube-system/services/kube-dns") || true
  [[ $statuses != *404* ]]
}

check() {
  local absent sum overload
  if ! all_files; then
    echo "$kubernetes/$absent is missing"
    return 1
  fi
  if [[ ! -e $init_done ]]; then
    echo "kubeadm init has not finished"
    return 1
  fi
  if ! ready; then
    overload
    echo "the api server on $ADDRESS:6443 is not ready${overload:+; $overload}"
    return 1
  fi
  if ! add_ons; then
    echo "kube-proxy or coredns was deleted from the cluster"
    return 1
  fi
  read -r sum _ < <(sha256sum $kubernetes/admin.conf)
  publish admin-conf-sum "$sum"
  echo "the api server on $ADDRESS:6443 is ready"
}

# clear_damage: moves away what a kill or a power cut left unusable, which kubeadm would stumble over.
clear_damage() {
  local key
  [[ -d $kubernetes ]] || return 0
  find $kubernetes -type f -empty -not -path "$kubernetes/kprov/*" -print -delete
  # kubeadm writes the key first. A key alone is an error to it; a new pair is fine as nothing can have used this one.
  for key in "$kubernetes"/pki/*.key "$kubernetes"/pki/etcd/*.key; do
    [[ ! -e $key || -e ${key%.key}.crt || -e ${key%.key}.pub ]] || mv -f "$key" "$key.incomplete"
  done
}

# ignored: sets `ignored` to the preflight errors that our own leftovers cause.
ignored() {
  local path errors=()
  for path in "$kubernetes"/manifests/*.yaml; do
    [[ ! -e $path ]] || errors+=("FileAvailable-${path//\//-}")
  done
  [[ -z $(ls -A /var/lib/etcd 2>/dev/null) ]] || errors+=(DirAvailable--var-lib-etcd)
  if [[ ${#errors[@]} != 0 ]]; then errors+=(Port-6443 Port-10259 Port-10257 Port-10251 Port-10252 Port-2379 Port-2380); fi
  ! systemctl -q is-active kubelet || errors+=(Port-10250)
  ignored=$(IFS=,; echo "${errors[*]-}")
}

apply() {
  local absent ignored
  only_kubeadm
  clear_damage
  if all_files && [[ -e $init_done ]]; then
    if ! ready; then
      # Finished once, so most likely something is only stopped.
      systemctl restart kprov-pod-network 2>/dev/null || true
      start_services
    fi
    if wait_until 60 ready; then
      add_ons || kubeadm init phase addon all --config $kubernetes/kprov/kubeadm.yaml
      return
    fi
  fi
  if [[ ! -e $kubernetes/pki/ca.crt && -e /var/lib/etcd/member ]]; then
    echo "/var/lib/etcd has data of a cluster whose certificates are gone: \`kprov reset\` makes room for a new cluster"
    return 1
  fi
  mkdir -p $kubernetes/kprov
  write_file $kubernetes/kprov/kubeadm.yaml 600 <<< "$CONFIG"
  [[ $CONFIG != *'taints: []'* ]] || write_file "${opened:?}" 644 <<< 'made without a taint'
  ignored
  kubeadm init --config $kubernetes/kprov/kubeadm.yaml --skip-token-print ${ignored:+"--ignore-preflight-errors=$ignored"}
  write_file $init_done 644 <<< 'kubeadm init has finished'
}
