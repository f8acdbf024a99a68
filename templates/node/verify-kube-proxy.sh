# shellcheck shell=bash
# Proves that this node's kube-proxy is healthy and that its rules for services are there; with iptables also that those
# of the service `kubernetes` lead to the API server.
# Needs nothing. Runs on every node.

check() {
  local health mode rules
  if ! health=$(curl -sS -m 3 --noproxy '*' -w '\n%{http_code}' http://127.0.0.1:10256/healthz 2>&1); then
    health=${health%$'\n'*}
    likely 1
    echo "kube-proxy does not answer: ${health#curl: ([0-9]*) }"
    return 1
  fi
  if [ "${health##*$'\n'}" != 200 ]; then
    echo "http://127.0.0.1:10256/healthz says: ${health//$'\n'/ }"
    return 1
  fi
  rules=$(rules)
  if [ -z "$rules" ]; then
    likely 2
    echo "healthy, but this node has no rules for services"
    return 1
  fi
  if [[ $rules == *' iptables' ]]; then
    likely 2
    echo "healthy, but no rule leads the service kubernetes to an API server"
    return 1
  fi
  # Only for the reader: the metrics address can be switched off.
  mode=$(curl -fsS -m 3 --noproxy '*' http://127.0.0.1:10249/proxyMode 2>/dev/null) || mode=
  echo "healthy on port 10256${mode:+, mode $mode}; $rules"
} 2>&1

# Which kind of rules for services this node has, and with iptables, where they lead the service `kubernetes`.
rules() {
  local kind all leads
  for kind in iptables-save iptables-legacy-save iptables-nft-save; do
    [ -n "$(type -P "$kind")" ] || continue
    all=$("$kind" -t nat 2>/dev/null) || continue
    [[ $all == *KUBE-SVC-* ]] || continue
    leads=$(sed -n 's/.*default\/kubernetes:https"* .*--to-destination \([^ ]*\).*/\1/p' <<<"$all" | paste -sd ' ' -)
    echo "rules for services in iptables${leads:+, kubernetes leads to ${leads// /, }}"
    return
  done
  if [ -n "$(type -P nft)" ] && nft list table ip kube-proxy >/dev/null 2>&1; then
    echo "rules for services in nftables"
  elif grep -q '^TCP' /proc/net/ip_vs 2>/dev/null; then
    echo "rules for services in IPVS"
  fi
}
