#!/bin/bash
# Holds the addresses of Services of type LoadBalancer that fall to this node: each is an address of the interface to
# the node network, so that the kernel answers for it there, and kube-proxy leads what comes to it to the pods.
#
# Which ones those are says the label kprov.io/answered-by of a Service, see `kprov-give-addresses` on the control plane.
# It is asked for with the kubelet's own certificate, which may read Services. While the API server does not answer,
# all stays as it is.
# Environment: NAME (this node), ADDRESS (its own address on the node network), FIRST, LAST (the pool),
# NEIGHBOUR (an address on the node network that others know: the computer's or the gateway's), API (https://host:6443).

certificate=/var/lib/kubelet/pki/kubelet-client-current.pem
declare -A announced

# number ADDRESS: sets `number`.
number() {
  local a b c d
  IFS=. read -r a b c d <<< "$1"
  number=$(((a << 24) + (b << 16) + (c << 8) + d))
}

# in_pool ADDRESS
in_pool() {
  local number first last
  number "${FIRST:?}" && first=$number
  number "${LAST:?}" && last=$number
  number "$1" && ((first <= number && number <= last))
}

# ask: sets `wanted` to the addresses that fall to this node; fails when the API server does not say.
ask() {
  local answer pattern='"loadBalancer":\{"ingress":\[\{"ip":"([0-9.]+)"'
  wanted=' '
  # resourceVersion=0: what the API server has at hand will do.
  answer=$(curl -s -m 5 --noproxy '*' --cacert /etc/kubernetes/pki/ca.crt --cert $certificate --key $certificate -w '\n%{http_code}' \
    "$API/api/v1/services?labelSelector=kprov.io%2Fanswered-by%3D${NAME:?}&resourceVersion=0&pretty=false")
  [[ ${answer##*$'\n'} == 200 ]] || return 1
  while [[ $answer =~ $pattern ]]; do
    ! in_pool "${BASH_REMATCH[1]}" || wanted+="${BASH_REMATCH[1]} "
    answer=${answer#*"${BASH_REMATCH[0]}"}
  done
}

# held: sets `device` to the interface to the node network and `held` to the addresses of the pool that it has.
held() {
  local name address
  device='' held=' '
  while read -r _ name _ address _; do
    [[ $address != "${ADDRESS:?}"/* ]] || device=$name
  done < <(ip -4 -o addr show)
  [[ -n $device ]] || return 1
  while read -r _ _ _ address _; do
    if [[ $address == */32 ]] && in_pool "${address%/32}"; then held+="${address%/32} "; fi
  done < <(ip -4 -o addr show dev "$device")
}

# announce ADDRESS: others may still believe that another node has it. Whoever hears who asks for a neighbour notes
# where the one who asks is (RFC 826), so the neighbour is asked for anew, in the name of that address.
announce() {
  ip neigh del "$NEIGHBOUR" dev "$device" 2>/dev/null
  curl -s -m 1 --noproxy '*' --interface "$1" -o /dev/null "http://$NEIGHBOUR:9/"
}

# hold: gives the interface what it should have and takes what it should not.
hold() {
  local address
  for address in $held; do
    [[ $wanted != *" $address "* ]] || continue
    ip addr del "$address/32" dev "$device" && echo "$address is no longer here"
    unset "announced[$address]"
  done
  for address in $wanted; do
    if [[ $held != *" $address "* ]]; then
      ip addr add "$address/32" dev "$device" && echo "$address is here, on $device"
      announced[$address]=0
    fi
    # A packet may get lost.
    if ((${announced[$address]:-0} < 3)); then
      announced[$address]=$((${announced[$address]:-0} + 1))
      announce "$address"
    fi
  done
}

case ${1-} in
  # When the service stops: another node may take over.
  withdraw)
    wanted=' '
    ! held || hold
    ;;
  '')
    while true; do
      if ask && held; then hold; fi
      sleep 1.5
    done
    ;;
esac
