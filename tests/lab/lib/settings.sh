# shellcheck shell=bash
# Sourced by lab: settings of the one kernel below all nodes that systemd, kubelet, kube-proxy or `sysctl --system` in a
# privileged node change. The first lab to come up notes them, the last to go down puts them back.

machine_settings=(
  kernel.panic kernel.panic_on_oops kernel.pid_max kernel.keys.root_maxkeys kernel.keys.root_maxbytes
  vm.overcommit_memory vm.panic_on_oom vm.max_map_count fs.file-max fs.nr_open
  fs.protected_fifos fs.protected_hardlinks fs.protected_regular fs.protected_symlinks
  fs.inotify.max_user_instances fs.inotify.max_user_watches
  net.netfilter.nf_conntrack_buckets net.netfilter.nf_conntrack_max
)
machine=/run/kprov-lab

# with_machine COMMAND: one lab at a time.
with_machine() {
  exec 8< /run
  flock 8
  mkdir -p $machine/labs
  "$@"
  exec 8<&-
}

# What is noted is the state before the first lab of this boot: after a crash the nodes' values are in force.
save_machine_settings() {
  local boot
  boot="# boot $(cat /proc/sys/kernel/random/boot_id)"
  if ! grep -qsxF "$boot" $machine/settings; then
    rm -f $machine/labs/*
    { echo "$boot"; sysctl -e "${machine_settings[@]}" 2>/dev/null; } > $machine/settings.part
    mv $machine/settings.part $machine/settings
  fi
  : > "$machine/labs/$namespace"
  # A network namespace cannot set nf_conntrack_max. kube-proxy's defaults ask for max(131072, 32768 a core) and
  # do not write when it is so already; otherwise every kube-proxy ends with "permission denied".
  local wanted=$(($(nproc) * 32768))
  [ $wanted -ge 131072 ] || wanted=131072
  sysctl -q -e -w net.netfilter.nf_conntrack_max=$wanted
}

restore_machine_settings() {
  local lab
  rm -f "$machine/labs/$namespace"
  for lab in "$machine"/labs/*; do # a lab that is gone without `down`
    [ -e "/run/netns/${lab##*/}" ] || rm -f "$lab"
  done
  [ -z "$(ls $machine/labs)" ] || return 0
  ! grep -qsxF "# boot $(cat /proc/sys/kernel/random/boot_id)" $machine/settings || sysctl -q -e -p $machine/settings
  rm -rf $machine
}
