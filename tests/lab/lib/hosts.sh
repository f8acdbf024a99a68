# shellcheck shell=bash
# Sourced by lab: machines that are there already, as the `ssh` provider expects them. Each has, like a node of
# Vagrant's, eth0 with the default route and eth1 with the address asked for.

hosts() {
  docker_answers || die "not up: run '$0 up' first"
  local key=$lab_dir/key.pub
  if [ "${1:-}" = --remove ]; then
    remove_hosts
    return
  fi
  if [ "${1:-}" = --key ]; then
    key=${2:-}
    shift 2
  fi
  [ -r "$key" ] || die "no public key in '$key'"
  [ $# -gt 0 ] || die "usage: lab hosts [--key FILE.pub] NAME=ADDRESS…"
  load_node_image
  local host
  for host; do add_host "${host%%=*}" "${host#*=}" "$(cat "$key")"; done
  for host; do wait_for "answers_ssh ${host#*=}" "${host%%=*} does not answer at ${host#*=}, port 22"; done
}

add_host() {
  local name=$1 address=$2 key=$3 hosts_network=kprov-hosts-${2%.*}.0
  [[ $name =~ ^[a-z0-9-]+$ && $address =~ ^([0-9]+\.){3}[0-9]+$ ]] || die "not NAME=ADDRESS: $name=$address"
  inside docker network inspect "$hosts_network" >/dev/null 2>&1 \
    || inside docker network create --label kprov-lab=hosts --subnet "${address%.*}.0/24" "$hosts_network" >/dev/null
  inside docker create --name "$name" --hostname "$name" --label kprov-lab=hosts --privileged --cgroupns private \
    --tmpfs /run --tmpfs /tmp --env KPROV_AUTHORIZED_KEY="$key" "$(node_tag)" >/dev/null
  inside docker network connect --ip "$address" "$hosts_network" "$name"
  inside docker start "$name" >/dev/null
}

answers_ssh() {
  # shellcheck disable=SC2016 # expanded by the inner shell
  inside timeout 2 bash -c 'read -r line < "/dev/tcp/$0/22" && [[ $line = SSH-* ]]' "$1" 2>/dev/null
}

remove_hosts() {
  local hosts
  hosts=$(inside docker ps -aq --filter label=kprov-lab=hosts)
  # shellcheck disable=SC2086 # one ID a word
  [ -z "$hosts" ] || inside docker rm -f -v $hosts >/dev/null
  inside docker network prune -f --filter label=kprov-lab=hosts >/dev/null
}
