# shellcheck shell=bash
# Proves that this control plane's etcd has a leader and that the API server here reads from it.
# Needs ADDRESS: this node's own address. Runs on every control plane.

check() {
  local health ready
  if ! health=$(curl -sS -m 3 --noproxy '*' http://127.0.0.1:2381/health 2>&1); then
    if [ ! -e /etc/kubernetes/manifests/etcd.yaml ]; then health='/etc/kubernetes/manifests/etcd.yaml is missing'; fi
    echo "etcd does not answer: ${health#curl: ([0-9]*) }"
    return 1
  fi
  if [[ $health != *'"health":"true"'* ]]; then
    echo "etcd says: ${health:-nothing}"
    return 1
  fi
  if ! ready=$(kubectl --request-timeout=5s --server="https://$ADDRESS:6443" get --raw /readyz/etcd 2>&1); then
    echo "healthy, but the API server on $ADDRESS does not say that it reaches it: $(tail -n 1 <<<"$ready")"
    return 1
  fi
  echo "healthy, and the API server on $ADDRESS reaches it"
} 2>&1
