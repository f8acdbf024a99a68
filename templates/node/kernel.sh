# shellcheck shell=bash
# Guarantees: overlay and br_netfilter are loaded, packets are forwarded and bridged packets are seen by iptables, now
# and after a reboot.
# Needs: nothing.

kernel_modules=$'overlay\nbr_netfilter'
kernel_settings='net.ipv4.ip_forward = 1
net.bridge.bridge-nf-call-iptables = 1
net.bridge.bridge-nf-call-ip6tables = 1'
# Only the kernel of CentOS 7 has it: without it a mount that one pod still holds keeps another from going.
[[ ! -e /proc/sys/fs/may_detach_mounts ]] || kernel_settings+=$'\nfs.may_detach_mounts = 1'

check() {
  local text name value
  # Compiled into the kernel they appear nowhere as modules, so their effects are what counts.
  read_file /proc/filesystems
  if [[ $text != *$'\toverlay\n'* ]]; then
    echo "kernel module overlay is not loaded"
    return 1
  fi
  if [[ ! -e /proc/sys/net/bridge/bridge-nf-call-iptables ]]; then
    echo "kernel module br_netfilter is not loaded"
    return 1
  fi
  while read -r name _ _; do
    read -r value < "/proc/sys/${name//.//}"
    if [[ $value != 1 ]]; then
      echo "$name is $value"
      return 1
    fi
  done <<< "$kernel_settings"
  if ! same_file /etc/modules-load.d/kprov.conf "$kernel_modules" || ! same_file /etc/sysctl.d/90-kprov.conf "$kernel_settings"; then
    echo "modules and settings are right but do not outlive a reboot"
    return 1
  fi
  echo "modules are loaded, packets are forwarded"
}

# load_modules: loads all of them; fails when one is not to be had.
load_modules() {
  local name failed=0
  while read -r name; do
    modprobe "$name" || failed=1
  done <<< "$kernel_modules"
  return $failed
}

# more_modules: installs the packages of the running kernel that small images leave out. That kernel's or none: the
# modules of a newer one are of no use before a reboot.
more_modules() {
  if [[ -n $(type -P apt-get) ]]; then
    install_packages "linux-modules-extra-$1"
  elif [[ $1 == *uek* ]]; then # Oracle's own
    install_packages "kernel-uek-modules-$1" "kernel-uek-modules-extra-$1" || install_packages "kernel-uek-modules-$1"
  else
    install_packages "kernel-modules-$1" "kernel-modules-extra-$1"
  fi
}

apply() {
  local release
  write_file /etc/modules-load.d/kprov.conf 644 <<< "$kernel_modules"
  write_file /etc/sysctl.d/90-kprov.conf 644 <<< "$kernel_settings"
  # A container has its host's kernel, and nothing to add to it.
  if ! load_modules && ! in_container; then
    read -r release < /proc/sys/kernel/osrelease
    if ! more_modules "$release" || ! load_modules; then
      echo "the kernel $release lacks modules, and no package has them: update the kernel, restart the machine, try again"
    fi
  fi
  sysctl -q -p /etc/sysctl.d/90-kprov.conf
}
