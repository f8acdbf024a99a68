# shellcheck shell=bash
# Guarantees: the service kprov-hold-addresses runs, now and after a reboot: it answers on the node network for the
# addresses of Services of type LoadBalancer that fall to this node.
# Needs: NAME, ADDRESS (this node's), NEIGHBOUR (an address on the node network that others know), FIRST, LAST (the
# pool), API (https://host:6443), PROGRAM (its text).

hold_program=/usr/local/lib/kprov/hold-addresses
hold_unit=/etc/systemd/system/kprov-hold-addresses.service

unit_text() {
  wanted="[Unit]
Description=Addresses of Services of type LoadBalancer that fall to this node (kprov)
Wants=network-online.target
After=network-online.target
[Service]
Environment=NAME=$NAME ADDRESS=$ADDRESS NEIGHBOUR=$NEIGHBOUR FIRST=$FIRST LAST=$LAST API=$API
ExecStart=$hold_program
ExecStopPost=$hold_program withdraw
# Root with one of root's privileges.
CapabilityBoundingSet=CAP_NET_ADMIN
NoNewPrivileges=yes
Restart=always
RestartSec=2
[Install]
WantedBy=multi-user.target"
}

check() {
  local wanted
  unit_text
  if ! same_file $hold_program "$PROGRAM" || ! same_file $hold_unit "$wanted" || ! is_enabled kprov-hold-addresses; then
    echo "the service kprov-hold-addresses is not as wanted"
    return 1
  fi
  if ! process_of kprov-hold-addresses hold-addresses; then
    echo "the service kprov-hold-addresses does not run"
    return 1
  fi
  echo "this node answers for the addresses of $FIRST-$LAST that fall to it"
}

apply() {
  local wanted
  # With its own settings it lets go of what it holds.
  systemctl stop kprov-hold-addresses 2>/dev/null || true
  write_file $hold_program 755 <<< "$PROGRAM"
  unit_text
  write_file $hold_unit 644 <<< "$wanted"
  systemctl daemon-reload
  systemctl enable -q kprov-hold-addresses
  run_unit start kprov-hold-addresses
}
