# shellcheck shell=bash
# Guarantees: Docker runs now and at boot, with exactly this configuration: systemd's cgroups, logs that do not fill the
# disk, MIRRORS asked before Docker Hub, its own bridge out of the cluster's way; and crictl asks SOCKET. The first
# configuration found is kept as daemon.json.before-kprov.
# Needs: MIRRORS (lines of base URLs without a path; may be empty), BRIDGE (address and prefix of docker0; empty leaves
# them to Docker), SOCKET (where the kubelet's dockershim or cri-dockerd serves the CRI).

# Written before the configuration and removed after the restart, so that a kill between them is seen.
restart_pending=${kprov_state:?}/docker-restart

# wanted_config: sets `wanted` to daemon.json.
wanted_config() {
  local mirror list='' bridge=''
  while read -r mirror; do
    [[ -z $mirror ]] || list+="${list:+, }\"$mirror\""
  done <<< "$MIRRORS"
  [[ -z $BRIDGE ]] || bridge=$'\n  "bip": "'$BRIDGE'",'
  # kubeadm up to 1.23 refuses what Docker's newer image store calls itself, so overlay2 is said. What runs outlives a
  # restart of dockerd, as with containerd: else another mirror would cost the control plane.
  wanted='{
  "exec-opts": ["native.cgroupdriver=systemd"],
  "live-restore": true,
  "log-driver": "json-file",
  "log-opts": {"max-file": "3", "max-size": "10m"},
  "storage-driver": "overlay2",'$bridge'
  "registry-mirrors": ['$list']
}'
}

# wanted_crictl: sets `wanted` to crictl's configuration.
wanted_crictl() {
  wanted="runtime-endpoint: unix://$SOCKET
image-endpoint: unix://$SOCKET
timeout: 10"
}

check() {
  local wanted
  wanted_config
  if ! same_file /etc/docker/daemon.json "$wanted"; then
    echo "/etc/docker/daemon.json is not kprov's"
    return 1
  fi
  wanted_crictl
  if ! same_file /etc/crictl.yaml "$wanted"; then
    echo "/etc/crictl.yaml does not name $SOCKET"
    return 1
  fi
  if [[ -e $restart_pending ]]; then
    echo "docker has not been restarted with its new configuration"
    return 1
  fi
  if ! is_enabled docker; then
    echo "docker does not start at boot"
    return 1
  fi
  if [[ ! -S /run/docker.sock ]] || ! process_of docker dockerd; then
    echo "docker does not answer"
    return 1
  fi
  echo "docker is configured"
}

apply() {
  local wanted original=/etc/docker/daemon.json.before-kprov
  wanted_crictl
  write_file /etc/crictl.yaml 644 <<< "$wanted"
  wanted_config
  if ! same_file /etc/docker/daemon.json "$wanted"; then
    # JSON has no comments, so it is noted elsewhere that the file is kprov's.
    if [[ -e /etc/docker/daemon.json && ! -e $original && ! -e $kprov_state/docker-config ]]; then
      cp -p /etc/docker/daemon.json "$original.kprov-part"
      mv -f "$original.kprov-part" "$original"
    fi
    write_file "$restart_pending" 644 </dev/null
    write_file "$kprov_state/docker-config" 644 </dev/null
    write_file /etc/docker/daemon.json 644 <<< "$wanted"
  fi
  systemctl unmask -q docker || true
  systemctl enable -q docker
  if [[ -e $restart_pending ]]; then
    run_unit restart docker
    rm -f "$restart_pending"
  else
    run_unit start docker
  fi
  wait_until 30 docker version || echo "docker does not answer: see journalctl -u docker"
}
