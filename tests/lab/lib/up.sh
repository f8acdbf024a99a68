# shellcheck shell=bash
# Sourced by lab: the namespace and what runs in it.

up() {
  [ -e "$lab_dir/pack/pack.toml" ] || die "run '$0 setup' first"
  mkdir -p "$state"/{bin,log} "$lab_dir/registry"
  with_machine save_machine_settings
  if [ ! -e "$network" ]; then
    ip netns add "$namespace"
    ip -n "$namespace" link set lo up
  fi
  inside sysctl -qw net.ipv4.ip_forward=1
  docker_answers || start_docker
  registry_answers || start_registry
  fill_registry
  forget_old_node_images
}

start_docker() {
  sweep # what a crashed daemon left running
  # dockerd's own rules with the legacy programs, whatever this machine's alternative is: only those work on every kernel.
  ln -sf /usr/sbin/iptables-legacy "$state/bin/iptables"
  ln -sf /usr/sbin/ip6tables-legacy "$state/bin/ip6tables"
  cat > "$state/containerd.toml" <<CONF
version = 2
root = "$lab_dir/containerd"
state = "$state/containerd"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "$state/containerd.sock"
CONF
  rm -f "$state"/*.pid
  # A mount namespace of their own: the containers' mounts end with the daemons and are seen nowhere else.
  detached unshare -m --propagation slave env PATH="$state/bin:$PATH" bash -c "
    containerd -c '$state/containerd.toml' > '$state/log/containerd.log' 2>&1 &
    echo \$! > '$state/containerd.pid'
    until [ -S '$state/containerd.sock' ]; do sleep 0.1; done
    exec dockerd --containerd '$state/containerd.sock' --data-root '$lab_dir/docker' --exec-root '$state/docker' \
      -p '$state/dockerd.pid' -H 'unix://$state/docker.sock' --storage-driver overlay2 \
      --bip 10.200.0.1/24 --default-address-pool base=10.201.0.0/16,size=24 --insecure-registry $registry \
      --exec-opt native.cgroupdriver=cgroupfs --cgroup-parent $cgroup --default-cgroupns-mode private \
      $(runtime) > '$state/log/dockerd.log' 2>&1"
  wait_for docker_answers "dockerd does not answer, see $state/log"
  remove_nodes # records of nodes that did not survive
}

# Where root lacks CAP_SYS_RESOURCE (bit 24), dockerd starts containers with a runc that copes.
runtime() {
  local capabilities
  capabilities=0x$(sed -n 's/^CapEff:\t//p' /proc/self/status)
  ((capabilities >> 24 & 1)) || echo "--add-runtime lab='$here/lib/runc-without-sys-resource' --default-runtime lab"
}

start_registry() {
  cat > "$state/registry.yml" <<CONF
version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: $lab_dir/registry}, cache: {blobdescriptor: inmemory}}
http: {addr: ":5000"}
CONF
  detached bash -c "echo \$\$ > '$state/registry.pid'; exec docker-registry serve '$state/registry.yml' > '$state/log/registry.log' 2>&1"
  wait_for registry_answers "the registry does not answer, see $state/log/registry.log"
}

# HOST/NAME:TAG becomes NAME:TAG and NAME:TAG becomes library/NAME:TAG, the paths that a mirror is asked for.
fill_registry() {
  fresh "$lab_dir/registry/filled-from" "$lab_dir/images/list.tsv" && return
  say "filling the registry"
  local file names name path
  while IFS=$'\t' read -r file names _; do
    inside docker load -q -i "$lab_dir/images/$file" </dev/null >/dev/null
    for name in ${names//,/ }; do
      case $name in
        *.*/*) path=$registry/${name#*/} ;;
        *) path=$registry/library/$name ;;
      esac
      inside docker tag "$name" "$path"
      inside docker push -q "$path" </dev/null >/dev/null
      inside docker rmi "$path" "$name" >/dev/null
    done
  done < "$lab_dir/images/list.tsv"
  record "$lab_dir/registry/filled-from" "$lab_dir/images/list.tsv"
}

forget_old_node_images() {
  inside docker images --format '{{.Repository}}:{{.Tag}}' kprov-node | grep -vxF "$(node_tag)" | while read -r image; do
    inside docker rmi "$image" </dev/null >/dev/null 2>&1 || true # in use by a node of another cluster
  done || true
}

detached() { (exec 9>&- && inside setsid --fork "$@" </dev/null >/dev/null 2>&1); }
