# shellcheck shell=bash
# Proves that this control plane's etcd has a leader and that the API server here reads from it.
# Needs ADDRESS: this node's own address. Runs on every control plane.

check() {
  local health
  health=$(curl -sS -m 3 --noproxy '*' http://127.0.0.1:2381/health) || because_of_manifest etcd
  if [[ $health != *'"health":"true"'* ]]; then
    echo "etcd says: ${health:-nothing}"
    return 1
  fi
  kubectl --request-timeout=5s --server="https://$ADDRESS:6443" get --raw /readyz/etcd >/dev/null
  echo "healthy, and the API server on $ADDRESS reaches it"
} 2>&1

# A static pod whose manifest is gone is the likeliest reason for silence, and the kubelet does not tell.
because_of_manifest() {
  local manifest=/etc/kubernetes/manifests/$1.yaml
  [ -e "$manifest" ] || echo "nothing answers, and $manifest is missing"
  return 1
}
