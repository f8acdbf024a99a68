# shellcheck shell=bash
# Guarantees: pods of this node get addresses from PODS on the bridge cni0, reach the pods of all PEERS by static
# routes and the rest of the world with the node's address, now and after a reboot.
# Needs: PODS (this node's range), CLUSTER_PODS (the range of all), PEERS (lines "range address", the other nodes).

# Marks routes as ours (any number that /etc/iproute2/rt_protos does not name).
route_protocol=112
network_script=/usr/local/lib/kprov/pod-network
network_unit='[Unit]
Description=Routes between the pod ranges of the nodes (kprov)
Wants=network-online.target
After=network-online.target
Before=kubelet.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/lib/kprov/pod-network
[Install]
WantedBy=multi-user.target'

conflist() {
  printf -v wanted '%s\n' '{"cniVersion": "0.3.1", "name": "kprov", "plugins": [' \
    '  {"type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": false, "hairpinMode": true,' \
    '   "ipam": {"type": "host-local", "ranges": [[{"subnet": "'"$PODS"'"}]], "routes": [{"dst": "0.0.0.0/0"}]}},' \
    '  {"type": "portmap", "capabilities": {"portMappings": true}}]}'
  wanted=${wanted%$'\n'}
}

# Traffic to pods keeps its source: only what leaves the cluster's pod range gets the node's address.
masquerade() {
  rule=(POSTROUTING -s "$PODS" ! -d "$CLUSTER_PODS" -m comment --comment "kprov pod network" -j MASQUERADE)
}

# The script that the unit runs at boot and `apply` runs now. It repeats itself without harm.
script() {
  local range address
  wanted="#!/bin/bash
# Written by kprov: routes to the pods of other nodes, and what lets pods out.
failed=0
ip -4 route flush proto $route_protocol"
  while read -r range address; do
    [[ -n $range ]] || continue
    wanted+=$'\n'"ip -4 route replace $range via $address proto $route_protocol || failed=1"
  done <<< "$PEERS"
  wanted+="
accept() { # CHAIN RULE...: has the rule, first in its chain
  iptables -w -C \"\$@\" 2>/dev/null || iptables -w -I \"\$@\" || failed=1
}
# Docker and some firewalls drop forwarded packets by policy.
accept FORWARD -s $CLUSTER_PODS -m comment --comment 'kprov pod network' -j ACCEPT
accept FORWARD -d $CLUSTER_PODS -m comment --comment 'kprov pod network' -j ACCEPT
iptables -w -t nat -S POSTROUTING | sed -n '/kprov pod network/s/^-A/-D/p' | xargs -r -L 1 iptables -w -t nat
iptables -w -t nat -A POSTROUTING -s $PODS ! -d $CLUSTER_PODS -m comment --comment 'kprov pod network' -j MASQUERADE || failed=1
exit \$failed"
}

check() {
  local wanted range address rule found=$'\n' line count=0
  conflist
  if ! same_file /etc/cni/net.d/10-kprov.conflist "$wanted"; then
    echo "/etc/cni/net.d/10-kprov.conflist is not as wanted"
    return 1
  fi
  script
  if ! same_file "$network_script" "$wanted" || ! same_file /etc/systemd/system/kprov-pod-network.service "$network_unit" \
    || ! is_enabled kprov-pod-network; then
    echo "routes to other nodes' pods are not set at boot"
    return 1
  fi
  while read -r range _ address _; do
    found+="$range $address"$'\n'
    count=$((count + 1))
  done < <(ip -4 route show proto $route_protocol)
  while read -r line; do
    [[ -n $line ]] || continue
    if [[ $found != *$'\n'"$line"$'\n'* ]]; then
      echo "no route to the pods ${line% *} by ${line#* }"
      return 1
    fi
    count=$((count - 1))
  done <<< "$PEERS"
  if [[ $count != 0 ]]; then
    echo "routes to pods of nodes that are no longer there"
    return 1
  fi
  masquerade
  if ! iptables -w -t nat -C "${rule[@]}" 2>/dev/null; then
    echo "pods of this node cannot leave the cluster: no masquerade rule for $PODS"
    return 1
  fi
  echo "pods get $PODS, routes lead to all other nodes"
}

apply() {
  local wanted
  conflist
  write_file /etc/cni/net.d/10-kprov.conflist 644 <<< "$wanted"
  # A bridge that still has an earlier range's gateway would give pods an address without a way out.
  if [[ -d /sys/class/net/cni0 ]] && ! bridge_fits; then ip link delete cni0; fi
  script
  write_file "$network_script" 755 <<< "$wanted"
  # systemd-networkd, restarted by an update say, would drop routes that it does not know.
  [[ ! -e /run/systemd/netif/links ]] || write_file /etc/systemd/networkd.conf.d/90-kprov.conf 644 \
    <<< $'[Network]\nManageForeignRoutes=no'
  write_file /etc/systemd/system/kprov-pod-network.service 644 <<< "$network_unit"
  systemctl daemon-reload
  systemctl enable -q kprov-pod-network
  "$network_script"
}

# bridge_fits: whether cni0 has no address yet or the first of PODS.
bridge_fits() {
  local address
  address=$(ip -4 -o addr show dev cni0 | awk '{print $4; exit}')
  [[ -z $address || -n $(ip -4 route show exact "$PODS" dev cni0) ]]
}
