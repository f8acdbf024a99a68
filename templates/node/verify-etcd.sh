# shellcheck shell=bash
# Proves that this control plane's etcd has a leader, of several members that they are connected to a quorum, and that
# the API server here reads from it.
# Needs ADDRESS: this node's own address, MEMBERS: how many members there should be. Runs on every control plane.

check() {
  local health ready peers overload
  overload
  if ! health=$(curl -sS -m 3 --noproxy '*' http://127.0.0.1:2381/health 2>&1); then
    if [ ! -e /etc/kubernetes/manifests/etcd.yaml ]; then health='/etc/kubernetes/manifests/etcd.yaml is missing'; fi
    echo "etcd does not answer: ${health#curl: ([0-9]*) }${overload:+; $overload}"
    return 1
  fi
  if [[ $health != *'"health":"true"'* ]]; then
    echo "etcd says: ${health:-nothing}"
    return 1
  fi
  peers=$(curl -sS -m 3 --noproxy '*' http://127.0.0.1:2381/metrics |
    awk '/^etcd_network_active_peers\{/ {sum += ($NF > 0)} END {print sum + 1}')
  if [ "$peers" -lt $((MEMBERS / 2 + 1)) ]; then
    likely 4
    echo "healthy by itself, but it is connected to $((peers - 1)) of $((MEMBERS - 1)) other members: no quorum"
    return 1
  fi
  if ! ready=$(kubectl --request-timeout=5s --server="https://$ADDRESS:6443" get --raw /readyz/etcd 2>&1); then
    echo "healthy, but the API server on $ADDRESS does not say that it reaches it: $(tail -n 1 <<<"$ready")${overload:+; $overload}"
    return 1
  fi
  echo "healthy, $peers of $MEMBERS members, and the API server on $ADDRESS reaches it"
} 2>&1
