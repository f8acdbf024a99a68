# shellcheck shell=bash
# Proves that the cluster has exactly the nodes of cluster.toml, each Ready and each known by its own address
# (a kubelet left to itself takes the address of the default route, which VirtualBox gives to every machine).
# Needs NODES: lines "name address". Runs on a control plane.

check() {
  local name ready address version message ok=0 versions='' wrong=''
  declare -A ready_of=() addresses_of=() message_of=()
  while IFS='|' read -r name ready address version message; do
    [ -n "$version" ] || continue # The rest of a message of several lines.
    ready_of[$name]=$ready addresses_of[$name]=$address message_of[$name]=$message
    [[ " $versions " == *" $version "* ]] || versions+=" $version"
  done <<<"$(known_nodes)"

  while read -r name address; do
    [ -n "$name" ] || continue
    if [ -z "${ready_of[$name]+there}" ]; then
      wrong+="; $name has not joined"
    elif [ "${ready_of[$name]}" != True ]; then
      wrong+="; $name is not Ready: ${message_of[$name]}"
    elif [[ " ${addresses_of[$name]} " != *" $address "* ]]; then
      wrong+="; $name has INTERNAL-IP ${addresses_of[$name]:-none}, not $address"
    else
      ok=$((ok + 1))
    fi
    unset "ready_of[$name]"
  done <<<"$NODES"
  for name in "${!ready_of[@]}"; do wrong+="; $name (${addresses_of[$name]}) is not in cluster.toml"; done

  if [ -n "$wrong" ]; then
    echo "${wrong#; }"
    return 1
  fi
  echo "$ok Ready with their own addresses,$versions"
} 2>&1

known_nodes() {
  local ready='{.status.conditions[?(@.type=="Ready")'
  kubectl --request-timeout=10s get nodes -o jsonpath='{range .items[*]}{.metadata.name}|'"$ready].status}|"'{.status.addresses[?(@.type=="InternalIP")].address}|{.status.nodeInfo.kubeletVersion}|'"$ready].reason}: $ready].message}"'{"\n"}{end}'
}
