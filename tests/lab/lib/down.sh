# shellcheck shell=bash
# Sourced by lab: the way back.

down() {
  if docker_answers; then remove_nodes; fi
  stop registry
  stop dockerd
  stop containerd
  sweep
  if [ -e "$network" ]; then ip netns del "$namespace"; fi
  remove_cgroups
  with_machine restore_machine_settings
  rm -rf "$state"
}

remove_nodes() {
  local nodes
  nodes=$(inside docker ps -aq)
  # shellcheck disable=SC2086 # one ID a word
  [ -z "$nodes" ] || inside docker rm -f -v $nodes >/dev/null
  inside docker network prune -f >/dev/null
}

# stop DAEMON: by its pid file, if that process is still the lab's.
stop() {
  local pid i
  pid=$(cat "$state/$1.pid" 2>/dev/null) || return 0
  grep -qsaF "$state" "/proc/$pid/cmdline" || return 0
  kill "$pid" 2>/dev/null || return 0
  for i in $(seq 150); do
    [ -e "/proc/$pid" ] || return 0
    sleep 0.1
  done
  say "$1 did not end in $((i / 10)) s"
}

# Ends, by pid, what is left of the lab: processes in its cgroups (nodes) and in its network namespace (shims,
# commands of `lab exec`), save this one and its parents.
sweep() {
  local pid self=$$ spared=' '
  while [ "$self" -gt 1 ]; do
    spared+="$self "
    self=$(ps -o ppid= -p "$self")
    self=${self// /}
  done
  for pid in $({
    [ ! -e "$network" ] || ip netns pids "$namespace"
    find "/sys/fs/cgroup/$cgroup" /sys/fs/cgroup/*/"$cgroup" -name cgroup.procs -exec cat {} + 2>/dev/null
  } | sort -un); do
    [[ $spared = *" $pid "* ]] || kill -9 "$pid" 2>/dev/null || true
  done
}

remove_cgroups() {
  local i
  for i in $(seq 50); do
    find "/sys/fs/cgroup/$cgroup" /sys/fs/cgroup/*/"$cgroup" -depth -type d -exec rmdir {} + 2>/dev/null || true
    [ -n "$(find /sys/fs/cgroup -maxdepth 2 -name "$cgroup")" ] || return 0
    sleep 0.1
  done
  say "cgroups named $cgroup stay: processes in them did not end (after $((i / 10)) s)"
}
