# shellcheck shell=bash
# Proves that the cluster has exactly the nodes that it should have and that each of them is Ready.
# Needs NODES: lines "name address". Goes through kubectl.

check() {
  local known line name ready message ok=0 wrong=''
  known=$(known_nodes)
  while read -r name _; do
    [ -n "$name" ] || continue
    line=$(grep -m 1 "^$name|" <<<"$known") || line=
    IFS='|' read -r _ ready message <<<"$line"
    if [ -z "$line" ]; then
      wrong+="; $name has not joined"
      likely 3
    elif [ "$ready" != True ]; then
      wrong+="; $name is not Ready: $message"
      case $message in
        *'stopped posting'*) likely 2 ;;
        *cni* | *'network plugin'*) likely 1 ;;
      esac
    else
      ok=$((ok + 1))
    fi
  done <<<"$NODES"
  while IFS='|' read -r name _; do
    if [ -n "$name" ] && ! grep -q "^$name " <<<"$NODES"; then
      wrong+="; $name is not in cluster.toml"
      likely 4
    fi
  done <<<"$known"

  if [ -n "$wrong" ]; then
    echo "${wrong#; }"
    return 1
  fi
  echo "$ok nodes are Ready"
} 2>&1

# Lines "name|Ready|reason: message"; the grep drops what else a message of several lines holds.
known_nodes() {
  local ready='{.status.conditions[?(@.type=="Ready")'
  local fields="{.metadata.name}|$ready].status}|$ready].reason}: $ready].message}"
  kubectl --request-timeout=10s get nodes -o jsonpath="{range .items[*]}$fields{'\n'}{end}" |
    grep -E '^[^| ]*\|(True|False|Unknown)?\|'
}
