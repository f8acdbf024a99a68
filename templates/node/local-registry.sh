# shellcheck shell=bash
# Guarantees: the socket of the service kprov-local-registry listens, now and after a reboot: by it the container runtime
# finds out what the tags of IMAGES stand for, so that a pod of one starts without any other registry.
# Needs: RUNTIME (containerd or docker), IMAGES (whole names, "docker.io/library/nginx:latest", one a line), PROGRAM (its
# text), PORT (on the loopback interface).

registry_program=/usr/local/lib/kprov/local-registry
registry_unit=/etc/systemd/system/kprov-local-registry

socket_text() {
  wanted="[Unit]
Description=A registry of the images that kprov has brought, for this node alone (kprov)
[Socket]
ListenStream=127.0.0.1:$PORT
Accept=yes
[Install]
WantedBy=sockets.target"
}

service_text() {
  wanted="[Unit]
Description=An answer of the registry of this node (kprov)
[Service]
Environment=RUNTIME=$RUNTIME \"IMAGES=${IMAGES//$'\n'/ }\"
ExecStart=$registry_program
StandardInput=socket
StandardError=journal
# Root without any of root's privileges.
CapabilityBoundingSet=
NoNewPrivileges=yes
RuntimeMaxSec=60"
}

# listens: whether somebody does at PORT; as the kernel writes it, 127.0.0.1 is 0100007F here and LISTEN is 0A.
listens() {
  local text line
  printf -v line ' 0100007F:%04X 00000000:0000 0A ' "$PORT"
  read_file /proc/net/tcp && [[ $text == *"$line"* ]]
}

check() {
  local wanted
  socket_text
  if ! same_file $registry_program "$PROGRAM" || ! same_file $registry_unit.socket "$wanted" \
    || [[ ! -L /etc/systemd/system/sockets.target.wants/kprov-local-registry.socket ]]; then
    echo "the service kprov-local-registry is not as wanted"
    return 1
  fi
  service_text
  if ! same_file "$registry_unit@.service" "$wanted"; then
    echo "the service kprov-local-registry is not as wanted"
    return 1
  fi
  if ! listens; then
    echo "the service kprov-local-registry does not run"
    return 1
  fi
  echo "a pod of ${IMAGES//$'\n'/, } needs no other registry"
}

apply() {
  local wanted
  write_file $registry_program 755 <<< "$PROGRAM"
  socket_text
  write_file $registry_unit.socket 644 <<< "$wanted"
  service_text
  write_file "$registry_unit@.service" 644 <<< "$wanted"
  systemctl daemon-reload
  systemctl unmask -q kprov-local-registry.socket || true
  systemctl enable -q kprov-local-registry.socket
  run_unit restart kprov-local-registry.socket
}
