# shellcheck shell=bash
# Guarantees: overlay and br_netfilter are loaded, packets are forwarded and bridged packets are seen by iptables, now
# and after a reboot.
# Needs: nothing.

kernel_modules=$'overlay\nbr_netfilter'
kernel_settings='net.ipv4.ip_forward = 1
net.bridge.bridge-nf-call-iptables = 1
net.bridge.bridge-nf-call-ip6tables = 1'

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

apply() {
  local name
  write_file /etc/modules-load.d/kprov.conf 644 <<< "$kernel_modules"
  write_file /etc/sysctl.d/90-kprov.conf 644 <<< "$kernel_settings"
  while read -r name; do
    modprobe "$name" || echo "modprobe $name failed"
  done <<< "$kernel_modules"
  sysctl -q -p /etc/sysctl.d/90-kprov.conf
}
