# shellcheck shell=bash
# Proves that each node is known by its own address: a kubelet left to itself takes the address of the default route,
# which VirtualBox gives to every machine.
# Needs NODES: lines "name address". Goes through kubectl.

check() {
  local known name address addresses ok=0 wrong=''
  local fields='{.metadata.name} {.status.addresses[?(@.type=="InternalIP")].address}'
  known=$(kubectl --request-timeout=10s get nodes -o jsonpath="{range .items[*]}$fields{'\n'}{end}")
  while read -r name address; do
    [ -n "$name" ] || continue
    addresses=$(sed -n "s/^$name //p" <<<"$known")
    if [[ " $addresses " == *" $address "* ]]; then
      ok=$((ok + 1))
    else
      wrong+="; $name has INTERNAL-IP ${addresses:-none}, not $address"
    fi
  done <<<"$NODES"
  if [ -n "$wrong" ]; then
    echo "${wrong#; }"
    return 1
  fi
  echo "$ok nodes have their own INTERNAL-IP"
} 2>&1
