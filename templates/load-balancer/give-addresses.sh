#!/bin/bash
# Gives every Service of type LoadBalancer an address of the pool, and names the node that answers for it.
#
# A lab's stand-in for MetalLB in layer 2 mode, for rooms without any image. One control plane decides, there is no
# election, and kube-proxy does the balancing. Every round this looks at all Services and nodes and makes it so that
#
#   status.loadBalancer.ingress    holds an address of the pool that no other Service has: spec.loadBalancerIP where
#                                  that is free, else the first free one; the oldest Service chooses first
#   label kprov.io/answered-by     names a node that is Ready and whose kube-proxy answers; it stays with that node
#                                  until it does not
#
# The services `kprov-hold-addresses` on the nodes read that label and hold the addresses that fall to them.
# Environment: FIRST, LAST (the pool), API (https://host:6443), CREDENTIALS (folder with `kubeconfig` and `curl`).

label=kprov.io/answered-by
# kube-proxy answers here as long as it works; clouds' load balancers ask the same.
proxy_health=10256
# A node that missed so many rounds in a row loses its addresses. After the first miss the next round follows at once.
misses_allowed=2

# What was seen last. `nodes`: lines "choice|name|address"; the second choice are nodes that should be left alone.
# `services`: lines "namespace|name|type|wanted|class|address|health port|node", the oldest first.
nodes=() services=()
declare -A misses said

# look: sets `nodes` and `services`. Fields of a node and of a Service share a column where only one of them has it.
look() {
  local list kind namespace name state address class given port node labels choice
  local fields='{.kind}|{.metadata.creationTimestamp}|{.metadata.namespace}|{.metadata.name}'
  fields+='|{.status.conditions[?(@.type=="Ready")].status}{.spec.type}'
  fields+='|{.status.addresses[?(@.type=="InternalIP")].address}{.spec.loadBalancerIP}'
  fields+='|{.spec.taints[*].key}{.spec.loadBalancerClass}'
  fields+='|{.status.loadBalancer.ingress[*].ip}|{.spec.healthCheckNodePort}'
  fields+='|{.metadata.labels.kprov\.io/answered-by}|{.metadata.labels}{"\n"}'
  list=$(kubectl --kubeconfig "$CREDENTIALS/kubeconfig" --cache-dir "$RUNTIME_DIRECTORY" --request-timeout=10s \
    get nodes,services --all-namespaces -o jsonpath="{range .items[*]}$fields{end}") || return
  nodes=() services=()
  while IFS='|' read -r kind _ namespace name state address class given port node labels; do
    case $kind:$state in
      Node:True)
        choice=1
        # Control planes that keep pods away, and nodes that somebody took out.
        [[ $class != *node-role* && $labels != *exclude-from-external-load-balancers* ]] || choice=2
        nodes+=("$choice|$name|${address%% *}")
        ;;
      Service:*) services+=("$namespace|$name|$state|$address|$class|${given%% *}|$port|$node") ;;
    esac
  done < <(sort -t '|' -k 2,4 <<< "$list")
}

# number ADDRESS: sets `number`.
number() {
  local a b c d
  IFS=. read -r a b c d <<< "$1"
  number=$(((a << 24) + (b << 16) + (c << 8) + d))
}

# in_pool ADDRESS
in_pool() {
  local number first last
  [[ $1 =~ ^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$ ]] || return 1
  number "${FIRST:?}" && first=$number
  number "${LAST:?}" && last=$number
  number "$1" && ((first <= number && number <= last))
}

# next_free: sets `address` to the first one of the pool that is in nobody's hands.
next_free() {
  local number last i
  number "${LAST:?}" && last=$number
  number "${FIRST:?}"
  for ((i = number; i <= last; i++)); do
    address=$((i >> 24)).$((i >> 16 & 255)).$((i >> 8 & 255)).$((i & 255))
    [[ -n ${owner[$address]-} ]] || return 0
  done
  address=
  return 1
}

# is_ours TYPE CLASS: whether kprov serves such a Service.
is_ours() { [[ $1 == LoadBalancer && -z $2 ]]; }

# probe: counts in `misses` how often in a row a node's health port did not answer; sets `doubt` when the next round
# may cost one its addresses.
probe() {
  local service type class port ports=" $proxy_health " node address target answered
  for service in "${services[@]}"; do
    IFS='|' read -r _ _ type _ class _ port _ <<< "$service"
    # With externalTrafficPolicy: Local this port says whether the node has one of the Service's pods.
    if is_ours "$type" "$class" && [[ -n $port && $ports != *" $port "* ]]; then ports+="$port "; fi
  done
  answered=$(
    for node in "${nodes[@]}"; do
      address=${node##*|}
      for port in $ports; do
        curl -sf -m 2 --noproxy '*' -o /dev/null "http://$address:$port/healthz" && echo "$address:$port" &
      done
    done
    wait
  )
  doubt=0
  for node in "${nodes[@]}"; do
    for port in $ports; do
      target=${node##*|}:$port
      if [[ $'\n'$answered$'\n' == *$'\n'"$target"$'\n'* ]]; then misses[$target]=0; else misses[$target]=$((${misses[$target]:-0} + 1)); fi
      ((misses[$target] == 0 || misses[$target] >= misses_allowed)) || doubt=1
    done
  done
}

# can_stay NODE PORT: whether that node may go on answering.
can_stay() {
  local node name address
  for node in "${nodes[@]}"; do
    IFS='|' read -r _ name address <<< "$node"
    [[ $name == "$1" ]] || continue
    ((${misses[$address:$2]:-0} < misses_allowed))
    return
  done
  return 1
}

# choose PORT: sets `node` to the one with the fewest addresses of those that answer; fails where there is none.
choose() {
  local choice candidate name address best
  node=
  for choice in 1 2; do
    for candidate in "${nodes[@]}"; do
      [[ $candidate == "$choice|"* ]] || continue
      IFS='|' read -r _ name address <<< "$candidate"
      [[ ${misses[$address:$1]:-1} == 0 ]] || continue
      if [[ -z $node ]] || ((${load[$name]:-0} < best)); then
        node=$name
        best=${load[$name]:-0}
      fi
    done
    [[ -z $node ]] || return 0
  done
  return 1
}

# ask_api ARGUMENT...: curl with this service's token, which stands in no argument.
ask_api() { curl -s --noproxy '*' --cacert /etc/kubernetes/pki/ca.crt -K "$CREDENTIALS/curl" "$@"; }

# patch NAMESPACE/services/NAME[/status] JSON
patch() {
  local status
  status=$(ask_api -m 10 -o /dev/null -w '%{http_code}' -X PATCH -H 'Content-Type: application/merge-patch+json' \
    -d "$2" "$API/api/v1/namespaces/$1")
  [[ $status == 200 ]] || { echo "cannot change $1: http status $status"; return 1; }
}

# tell SERVICE TEXT: says it once.
tell() {
  [[ ${said[$1]-} == "$2" ]] || echo "$1: $2"
  said[$1]=$2
}

# decide: who gets which address, and who answers for it. What changed is written to the API server.
decide() {
  local service namespace name type wanted class given port before key address node
  local -A owner=() load=() has=()
  for service in "${services[@]}"; do
    IFS='|' read -r namespace name type _ class given port before <<< "$service"
    is_ours "$type" "$class" || continue
    if in_pool "$given" && [[ -z ${owner[$given]-} ]]; then
      owner[$given]=$namespace/$name
      has[$namespace/$name]=$given
    fi
    ! can_stay "$before" "${port:-$proxy_health}" || load[$before]=$((${load[$before]:-0} + 1))
  done
  for service in "${services[@]}"; do
    IFS='|' read -r namespace name type wanted class given port before <<< "$service"
    key=$namespace/$name
    if ! is_ours "$type" "$class"; then
      # It was of that type once.
      [[ -z $before ]] || give_up
      continue
    fi
    address=${has[$key]-}
    if [[ -n $wanted && $wanted != "$address" ]]; then
      if ! in_pool "$wanted" || [[ -n ${owner[$wanted]-} ]]; then
        tell "$key" "cannot have $wanted: ${owner[$wanted]:-it is not in the pool}${owner[$wanted]:+ has it}"
        continue
      fi
      address=$wanted
    elif [[ -z $address ]] && ! next_free; then
      tell "$key" "no address of $FIRST-$LAST is free"
      continue
    fi
    owner[$address]=$key
    node=$before
    if ! can_stay "$before" "${port:-$proxy_health}"; then
      if choose "${port:-$proxy_health}"; then load[$node]=$((${load[$node]:-0} + 1)); else node=$before; fi
    fi
    if [[ $node != "$before" ]]; then
      patch "$namespace/services/$name" "{\"metadata\":{\"labels\":{\"$label\":\"$node\"}}}" || continue
      changed=1
    fi
    if [[ $address != "$given" ]]; then
      patch "$namespace/services/$name/status" "{\"status\":{\"loadBalancer\":{\"ingress\":[{\"ip\":\"$address\"}]}}}" || continue
      changed=1
    fi
    tell "$key" "$address on ${node:-no node}"
  done
}

# give_up: takes from a Service what it had from here.
give_up() {
  changed=1
  [[ -z $given ]] || patch "$namespace/services/$name/status" '{"status":{"loadBalancer":{"ingress":null}}}'
  patch "$namespace/services/$name" "{\"metadata\":{\"labels\":{\"$label\":null}}}"
}

# events: a line whenever a Service changes.
events() {
  while true; do
    ask_api -N "$API/api/v1/services?watch=true"
    echo
    sleep 2
  done
}

# serves: whether any Service is of our type.
serves() {
  local service type class
  for service in "${services[@]}"; do
    IFS='|' read -r _ _ type _ class _ <<< "$service"
    ! is_ours "$type" "$class" || return 0
  done
  return 1
}

main() {
  local changed=1 seen=0 doubt=0 pause
  exec 3< <(events)
  while true; do
    if ((changed || SECONDS >= seen + 10)); then
      changed=0
      look && seen=$SECONDS
    fi
    ! serves || probe
    decide
    ((!changed)) || continue
    pause=2
    ((!doubt)) || pause=0.2
    if read -r -t "$pause" -u 3; then
      changed=1
      # Changes come in swarms.
      for _ in {1..50}; do read -r -t 0.2 -u 3 || break; done
    elif (($? <= 128)); then
      # Nobody watches any more, and nothing would be waited for: systemd starts all of this anew.
      return 1
    fi
  done
}

# Tests take the functions alone.
[[ ${BASH_SOURCE[0]} != "$0" ]] || main
