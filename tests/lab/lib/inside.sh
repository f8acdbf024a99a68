# shellcheck shell=bash
# Sourced by lab: its network namespace, and commands in it.

state=$lab_dir/run
# Two labs with different folders never share a namespace.
namespace=kprov-lab-$(printf %s "$lab_dir" | cksum | cut -d' ' -f1)
network=/run/netns/$namespace
# shellcheck disable=SC2034 # used in up.sh and down.sh
cgroup=$namespace
# docker0's own address inside the namespace, so that it does not depend on any Vagrantfile's networks.
registry=10.200.0.1:5000

variables=(
  "KPROV_LAB_DIR=$lab_dir" "KPROV_LAB_REGISTRY=$registry" "KPROV_LAB_KEY=$lab_dir/key" "KPROV_LAB_NODE=$(node_tag)"
  "KPROV_PACK=$lab_dir/pack"
  "DOCKER_HOST=unix://$state/docker.sock" "VAGRANT_HOME=$lab_dir/vagrant-home" VAGRANT_DEFAULT_PROVIDER=docker
  VAGRANT_NO_PARALLEL=1 VAGRANT_CHECKPOINT_DISABLE=1 VAGRANT_BOX_UPDATE_CHECK_DISABLE=1
)
# Nothing outside is reachable from the namespace, and a proxy would be asked for the nodes' addresses.
no_proxies=(-u http_proxy -u https_proxy -u HTTP_PROXY -u HTTPS_PROXY -u all_proxy -u ALL_PROXY)

# Not `ip netns exec`: that mounts a new /sys and so hides /sys/fs/cgroup.
inside() { nsenter --net="$network" env "${no_proxies[@]}" "${variables[@]}" "$@"; }
docker_answers() { [ -S "$state/docker.sock" ] && [ -e "$network" ] && inside docker version >/dev/null 2>&1; }
registry_answers() { [ -e "$network" ] && inside curl -fsS -m 2 -o /dev/null "http://$registry/v2/" 2>/dev/null; }

# The node image is not in dockerd until something wants it: kprov brings it from its pack.
load_node_image() {
  inside docker image inspect "$(node_tag)" >/dev/null 2>&1 || inside docker load -q -i "$lab_dir/node-image/image.tar" >/dev/null
}

wait_for() { # COMMAND COMPLAINT
  local i
  for i in $(seq 300); do
    if $1; then return; fi
    sleep 0.1
  done
  die "$2 (waited $((i / 10)) s)"
}
