# shellcheck shell=bash
# Proves that this node's kubelet is healthy by its own account.
# Needs nothing. Runs on every node.

check() {
  local health
  if ! health=$(curl -sS -m 3 --noproxy '*' http://127.0.0.1:10248/healthz); then
    echo "the kubelet does not answer on port 10248; its unit is $(systemctl is-active kubelet || true)"
    return 1
  fi
  if [ "$health" != ok ]; then
    echo "http://127.0.0.1:10248/healthz says: $(tail -n 1 <<<"$health")"
    return 1
  fi
  echo "healthy on port 10248"
} 2>&1
