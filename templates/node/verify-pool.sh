# shellcheck shell=bash
# Proves that nobody but the nodes answers for an address of the load balancer's pool. Each is asked for anew, also
# those that no Service has yet: two hosts with one address work by chance, as whoever answers first gets the requests.
# Needs FIRST, LAST: the pool; NODES: lines "name address" of all; ADDRESS: this node's. Runs on the first control plane.

# Of a larger pool only so many addresses are looked at, as a kernel knows 1024 neighbours at most.
pool_most=256

check() {
  local device number last count=0 address mac state seen taken='' known macs=' ' pool=()
  known=" $(awk '{print $2}' <<<"$NODES" | tr '\n' ' ')"
  if [[ $(ip -4 route get "$FIRST") == *' via '* ]]; then
    echo "the pool ${FIRST:?}-${LAST:?} lies behind a router, where nobody can be asked"
    return
  fi
  device=$(ip -4 -o addr show | awk -v a="${ADDRESS:?}/" 'index($4, a) == 1 {print $2; exit}')
  if [ -z "$device" ]; then
    echo "no interface of this node has $ADDRESS"
    return 1
  fi
  last=$(number "$LAST")
  for ((number = $(number "$FIRST"); number <= last && count < pool_most; number++, count++)); do
    pool+=("$((number >> 24)).$((number >> 16 & 255)).$((number >> 8 & 255)).$((number & 255))")
  done
  # shellcheck disable=SC2086 # words
  look_for "${pool[@]}" $known
  # A host on the same network answers within milliseconds; the kernel asks again after a second.
  sleep 1.2
  seen=$(ip -4 neigh show dev "$device" | awk '{for (i = 2; i < NF; i++) if ($i == "lladdr") print $1, $(i + 1), $NF}')
  while read -r address mac state; do
    [[ $known != *" $address "* ]] || macs+="$mac "
  done <<<"$seen"
  while read -r address mac state; do
    [[ " ${pool[*]} " == *" $address "* && $state != FAILED && $macs != *" $mac "* ]] || continue
    taken+="; a host with the hardware address $mac answers for $address"
  done <<<"$seen"
  if [ -n "$taken" ]; then
    likely 1
    echo "${taken#; }"
    return 1
  fi
  echo "nobody but nodes answers for $FIRST-$LAST ($count asked for)"
} 2>&1

# Lets the kernel find out anew who has these addresses: a datagram to the port `discard` is on its way to each.
look_for() {
  local address
  printf "neigh del %s dev $device\n" "$@" | ip -force -batch - >/dev/null 2>&1 || true
  for address in "$@"; do { echo >"/dev/udp/$address/9"; } 2>/dev/null || true; done
}

# The address $1 as a number.
number() {
  local a b c d
  IFS=. read -r a b c d <<<"$1"
  echo $(((a << 24) + (b << 16) + (c << 8) + d))
}
