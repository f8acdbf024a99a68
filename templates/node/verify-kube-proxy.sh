# shellcheck shell=bash
# Proves that this node's kube-proxy is healthy, which means that its rules for services are up to date.
# Needs nothing. Runs on every node.

check() {
  local health mode
  if ! health=$(curl -sS -m 3 --noproxy '*' -w '\n%{http_code}' http://127.0.0.1:10256/healthz); then
    echo "kube-proxy does not answer on port 10256"
    return 1
  fi
  if [ "${health##*$'\n'}" != 200 ]; then
    echo "http://127.0.0.1:10256/healthz says: ${health//$'\n'/ }"
    return 1
  fi
  # Only for the reader: the metrics address can be switched off.
  mode=$(curl -fsS -m 3 --noproxy '*' http://127.0.0.1:10249/proxyMode 2>/dev/null) || mode=
  echo "healthy on port 10256${mode:+, mode $mode}"
} 2>&1
