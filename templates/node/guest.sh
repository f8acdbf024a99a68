# shellcheck shell=bash
# Guarantees: Kubernetes starts on this machine: its control groups, its kernel, its processor and its size are what is
# wanted. A machine has them from elsewhere, so nothing is changed here, and this is looked at before anything is.
# All that is worth knowing of a machine is gathered in this one look.
# Needs: NAME, CGROUPS (2 where the kubelet needs that version, else empty), KERNEL (the oldest that kubeadm lets pass),
# ARCH (what the programs for it are made for), CPUS and MEMORY (MiB; the least that kubeadm's preflight lets pass).
# Publishes: guest-NAME, lines "key=value": system, release, name, kernel, arch, cgroups, cpus, memory (MiB), container,
# addresses (of the system, without loopback), state (new, joined or control-plane).

# arch: sets `arch` as Kubernetes writes it. bash knows what it was built for, which spares a program.
arch() {
  case $HOSTTYPE in
    x86_64) arch=amd64 ;;
    aarch64) arch=arm64 ;;
    *) arch=$HOSTTYPE ;;
  esac
}

# cgroups: sets `cgroups`. Version 1 has a folder for each controller; a mix of both has version 2 in one of its own.
cgroups() {
  if [[ -e /sys/fs/cgroup/cgroup.controllers ]]; then cgroups=2; else cgroups=1; fi
}

# size: sets `cpus` and `memory`.
size() {
  local key value _
  cpus=0 memory=0
  while IFS=$' \t:' read -r key _; do
    [[ $key != processor ]] || cpus=$((cpus + 1))
  done < /proc/cpuinfo
  while read -r key value _; do
    [[ $key != MemTotal: ]] || memory=$((value / 1024))
  done < /proc/meminfo
}

# kernel_is_older MAJOR.MINOR: whether `kernel` is.
kernel_is_older() {
  local major minor
  IFS=. read -r major minor _ <<< "$kernel"
  minor=${minor%%[!0-9]*}
  ((major < ${1%%.*} || (major == ${1%%.*} && minor < ${1#*.})))
}

check() {
  local os os_version os_name kernel arch cgroups cpus memory state=new container=no address addresses=''
  os_release
  read -r kernel < /proc/sys/kernel/osrelease
  arch
  cgroups
  size
  ! in_container || container=yes
  [[ ! -e /etc/kubernetes/kubelet.conf ]] || state=joined
  [[ ! -e /etc/kubernetes/admin.conf ]] || state=control-plane
  while read -r _ _ _ address _; do
    [[ $address == 127.* ]] || addresses+=" ${address%/*}"
  done < <(ip -4 -o addr show 2>/dev/null || true)
  publish "guest-$NAME" "system=$os
release=$os_version
name=$os_name
kernel=$kernel
arch=$arch
cgroups=$cgroups
cpus=$cpus
memory=$memory
container=$container
addresses=${addresses# }
state=$state"
  if [[ ${CGROUPS?} == 2 && $cgroups != 2 ]]; then
    echo "this machine has control groups of version 1, and this Kubernetes needs version 2"
    return 1
  fi
  if kernel_is_older "${KERNEL:?}"; then
    echo "this machine has kernel $kernel, and this Kubernetes needs $KERNEL or newer"
    return 1
  fi
  if [[ $arch != "${ARCH:?}" ]]; then
    echo "this machine has an $arch processor, and the programs for it are made for $ARCH"
    return 1
  fi
  if ((cpus < ${CPUS:?} || memory < ${MEMORY:?})); then
    echo "this machine has $cpus CPUs and $memory MiB of memory, and kubeadm wants $CPUS and $MEMORY"
    return 1
  fi
  echo "${os_name:-an unknown system}, kernel $kernel, $arch, $cpus CPUs, $memory MiB"
}
