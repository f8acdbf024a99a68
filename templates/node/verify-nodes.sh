# shellcheck shell=bash
# Proves that the cluster has exactly the nodes of cluster.toml, each Ready and each known by its own address
# (a kubelet left to itself takes the address of the default route, which VirtualBox gives to every machine).
# Needs NODES: lines "name address". Runs on the first control plane.

check() {
  local known line name address ready addresses message ok=0 wrong=''
  known=$(known_nodes)
  while read -r name address; do
    [ -n "$name" ] || continue
    line=$(grep -m 1 "^$name|" <<<"$known") || line=
    IFS='|' read -r _ ready addresses _ message <<<"$line"
    if [ -z "$line" ]; then
      wrong+="; $name has not joined"
    elif [ "$ready" != True ]; then
      wrong+="; $name is not Ready: $message"
    elif [[ " $addresses " != *" $address "* ]]; then
      wrong+="; $name has INTERNAL-IP ${addresses:-none}, not $address"
    else
      ok=$((ok + 1))
    fi
  done <<<"$NODES"
  while IFS='|' read -r name _ addresses _; do
    grep -q "^$name " <<<"$NODES" || wrong+="; $name ($addresses) is not in cluster.toml"
  done <<<"$known"

  if [ -n "$wrong" ]; then
    echo "${wrong#; }"
    return 1
  fi
  echo "$ok Ready with their own addresses, $(cut -d'|' -f4 <<<"$known" | sort -u | paste -sd' ')"
} 2>&1

# Lines "name|Ready|addresses|version|reason: message"; the grep drops what else a message of several lines holds.
known_nodes() {
  local ready='{.status.conditions[?(@.type=="Ready")' address='{.status.addresses[?(@.type=="InternalIP")].address}'
  local fields="{.metadata.name}|$ready].status}|$address|{.status.nodeInfo.kubeletVersion}"
  fields+="|$ready].reason}: $ready].message}"
  kubectl --request-timeout=10s get nodes -o jsonpath="{range .items[*]}$fields{'\n'}{end}" |
    grep '^[^| ]*|[^|]*|[^|]*|v'
}
