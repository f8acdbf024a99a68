# shellcheck shell=bash
# Guarantees: containerd runs with exactly this configuration: CRI on, systemd's cgroups, SANDBOX_IMAGE, the CNI
# folders that Kubernetes expects, MIRRORS asked before every registry. The first configuration found is kept as
# config.toml.before-kprov.
# Needs: SANDBOX_IMAGE, MIRRORS (lines of base URLs; may be empty).

# Written before the configuration and removed after the restart, so that a kill between them is seen.
restart_pending=${kprov_state:?}/containerd-restart

# wanted_config: sets `wanted` to config.toml for the installed containerd. runc's path is left to PATH.
wanted_config() {
  local containerd_version
  containerd_version || return 1
  if ((${containerd_version%%.*} >= 2)); then
    # /opt/cni/bin and /etc/cni/net.d are the defaults; the key for the former is not the same in all of 2.x.
    wanted="# Written by kprov for containerd 2.
version = 3
[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = '$SANDBOX_IMAGE'
[plugins.'io.containerd.cri.v1.images'.registry]
  config_path = '/etc/containerd/certs.d'
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
  runtime_type = 'io.containerd.runc.v2'
  [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
    SystemdCgroup = true"
  else
    wanted="# Written by kprov for containerd 1.
version = 2
[plugins.\"io.containerd.grpc.v1.cri\"]
  sandbox_image = \"$SANDBOX_IMAGE\"
  [plugins.\"io.containerd.grpc.v1.cri\".cni]
    bin_dir = \"/opt/cni/bin\"
    conf_dir = \"/etc/cni/net.d\"
  [plugins.\"io.containerd.grpc.v1.cri\".registry]
    config_path = \"/etc/containerd/certs.d\"
  [plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.runc]
    runtime_type = \"io.containerd.runc.v2\"
    [plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.runc.options]
      SystemdCgroup = true"
  fi
}

# wanted_hosts: sets `wanted` to the settings of all registries that have none of their own.
wanted_hosts() {
  local mirror
  wanted='# Written by kprov.'
  while read -r mirror; do
    [[ -n $mirror ]] || continue
    wanted+=$'\n'"[host.\"$mirror\"]"$'\n  capabilities = ["pull", "resolve"]'
    [[ ! ${mirror#*://} == */?* ]] || wanted+=$'\n  override_path = true'
  done <<< "$MIRRORS"
}

crictl_config='runtime-endpoint: unix:///run/containerd/containerd.sock
image-endpoint: unix:///run/containerd/containerd.sock
timeout: 10'

check() {
  local wanted
  if ! wanted_config; then
    echo "containerd is missing"
    return 1
  fi
  if ! same_file /etc/containerd/config.toml "$wanted"; then
    echo "/etc/containerd/config.toml is not kprov's"
    return 1
  fi
  wanted_hosts
  if ! same_file /etc/containerd/certs.d/_default/hosts.toml "$wanted"; then
    echo "the registry mirrors in /etc/containerd/certs.d/_default are not as wanted"
    return 1
  fi
  if ! same_file /etc/crictl.yaml "$crictl_config"; then
    echo "/etc/crictl.yaml does not name containerd"
    return 1
  fi
  if [[ -e $restart_pending ]]; then
    echo "containerd has not been restarted with its new configuration"
    return 1
  fi
  if [[ ! -S /run/containerd/containerd.sock ]] || ! process_of containerd containerd; then
    echo "containerd does not answer"
    return 1
  fi
  echo "containerd is configured"
}

apply() {
  local wanted original=/etc/containerd/config.toml.before-kprov
  wanted_hosts
  write_file /etc/containerd/certs.d/_default/hosts.toml 644 <<< "$wanted"
  write_file /etc/crictl.yaml 644 <<< "$crictl_config"
  wanted_config
  if ! same_file /etc/containerd/config.toml "$wanted"; then
    if [[ -e /etc/containerd/config.toml && ! -e $original && $(head -n 1 /etc/containerd/config.toml) != '# Written by kprov'* ]]; then
      cp -p /etc/containerd/config.toml "$original.kprov-part"
      mv -f "$original.kprov-part" "$original"
    fi
    write_file "$restart_pending" 644 </dev/null
    write_file /etc/containerd/config.toml 644 <<< "$wanted"
  fi
  if [[ -e $restart_pending ]]; then
    run_unit restart containerd
    rm -f "$restart_pending"
  else
    run_unit start containerd
  fi
  wait_until 30 ctr version || echo "containerd does not answer: see journalctl -u containerd"
}
