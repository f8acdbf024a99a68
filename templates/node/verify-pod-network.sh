# shellcheck shell=bash
# Proves that this node takes part in the pod network: forwarding is on, a configuration for pods is there, and with
# the network "bridge", that the pods of every other node have a route which leads to that node.
# Needs NODE: this node's name, NODES: lines "name address" of all, NETWORK: the pod network in cluster.toml. Runs on every node.

check() {
  local configs=() name address route missing='' count=0
  if [ "$(cat /proc/sys/net/ipv4/ip_forward)" != 1 ]; then
    likely 3
    echo "net.ipv4.ip_forward is not 1: this node passes nothing on"
    return 1
  fi
  for name in /etc/cni/net.d/*.conf /etc/cni/net.d/*.conflist; do [ ! -e "$name" ] || configs+=("$name"); done
  if [ ${#configs[@]} = 0 ]; then
    likely 2
    echo "/etc/cni/net.d has no configuration: there is no pod network"
    return 1
  fi
  if [ "$NETWORK" = bridge ]; then
    while read -r name address _; do
      if [ -z "$name" ] || [ "$name" = "$NODE" ]; then continue; fi
      count=$((count + 1))
      route=$(ip -4 route show proto 112 via "$address")
      [ -n "$route" ] || missing+="; no route to the pods of $name, which should lead to $address"
    done <<<"$NODES"
    if [ -n "$missing" ]; then
      likely 1
      echo "${missing#; }"
      return 1
    fi
  fi
  name=${configs[0]}
  echo "${name##*/}$([ "$count" = 0 ] || echo ", routes to the pods of $count other nodes")"
} 2>&1
