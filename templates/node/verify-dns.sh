# shellcheck shell=bash
# Proves that the cluster's DNS works: its service address answers a real question, sent over UDP through this
# node's kube-proxy to one of the coredns pods, with the address of the service `kubernetes`.
# Needs DNS_DOMAIN: the cluster's domain, such as cluster.local. Runs on the first control plane.

check() {
  local addresses server wanted question=kubernetes.default.svc.$DNS_DOMAIN answer
  addresses=$(kubectl --request-timeout=5s get services -A -o jsonpath='{range .items[*]}{.metadata.namespace}/{.metadata.name} {.spec.clusterIP}{"\n"}{end}')
  server=$(awk '$1 == "kube-system/kube-dns" {print $2}' <<<"$addresses")
  wanted=$(awk '$1 == "default/kubernetes" {print $2}' <<<"$addresses")
  if [ -z "$server" ] || [ -z "$wanted" ]; then
    echo "there is no service ${server:+default/kubernetes}${server:-kube-system/kube-dns}"
    return 1
  fi
  answer=$(ask "$server" "$question")
  if [ "$answer" != "$wanted" ]; then
    echo "$server asked for $question: $answer, not $wanted; $(coredns_pods)"
    return 1
  fi
  echo "$question is $wanted, says $server"
} 2>&1

# The address that the DNS server $1 gives for the name $2, or what it says instead.
ask() {
  local hex label packet='KP\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00'
  for label in ${2//./ }; do printf -v packet '%s\\x%02x%s' "$packet" ${#label} "$label"; done
  packet+='\x00\x00\x01\x00\x01'
  exec 3<>"/dev/udp/$1/53"
  # dd makes it one datagram: printf itself writes a line at a time, and a label of 10 letters begins with a newline.
  # shellcheck disable=SC2059 # The packet is a format: that is how its bytes come to be.
  printf "$packet" | dd bs=512 iflag=fullblock 2>/dev/null >&3 || true
  hex=$(timeout 2 dd bs=512 count=1 <&3 2>/dev/null | od -An -v -tx1 | tr -d ' \n') || true
  exec 3>&-
  if [ -z "$hex" ]; then
    echo 'no answer'
  elif [[ $hex =~ 00010001.{8}0004(..)(..)(..)(..) ]]; then
    echo "$((16#${BASH_REMATCH[1]})).$((16#${BASH_REMATCH[2]})).$((16#${BASH_REMATCH[3]})).$((16#${BASH_REMATCH[4]}))"
  else
    echo "no address (DNS response code $((16#${hex:7:1})))"
  fi
}

coredns_pods() {
  local pods
  pods=$(kubectl --request-timeout=5s -n kube-system get pods -l k8s-app=kube-dns -o jsonpath='{range .items[*]}, {.metadata.name} {.status.phase} ready={.status.containerStatuses[0].ready} {.status.containerStatuses[0].state.waiting.reason}{end}') || true
  pods=${pods:-, there are no coredns pods}
  echo "${pods#, }"
}
