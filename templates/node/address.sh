# shellcheck shell=bash
# Guarantees: an interface that is up has ADDRESS. Mends one that was lost: a power cut soon after a machine's first
# boot can lose what Vagrant wrote, and Vagrant does not write it again.
# Needs: ADDRESS, PREFIX, MAC (of the interface; may be empty).

check() {
  local device found flags
  while read -r _ device _ found _; do
    [[ $device != lo && $found == "$ADDRESS"/* ]] || continue
    read -r flags < "/sys/class/net/$device/flags"
    if ((flags & 1)); then
      echo "$device has $found"
      return
    fi
    echo "$device has $found but is down"
    return 1
  done < <(ip -4 -o addr show)
  echo "no interface has $ADDRESS"
  return 1
}

# find_device: sets `device` to the interface that has the address or should have it.
find_device() {
  local path default candidates=()
  device=$(ip -4 -o addr show | awk -v a="$ADDRESS/" 'index($4, a) == 1 && $2 != "lo" {print $2; exit}')
  [[ -z $device ]] || return 0
  default=$(ip -4 route show default | sed -n 's/.* dev \([^ ]*\).*/\1/p')
  for path in /sys/class/net/*; do
    [[ -e $path/device ]] || continue
    device=${path##*/}
    if [[ -n $MAC && $(<"$path/address") == "${MAC,,}" ]]; then return; fi
    [[ $'\n'$default$'\n' == *$'\n'"$device"$'\n'* || -n $(ip -4 -o addr show dev "$device" scope global) ]] || candidates+=("$device")
  done
  if [[ ${#candidates[@]} != 1 ]]; then
    echo "cannot tell which interface should have $ADDRESS: unused are: ${candidates[*]:-none}"
    return 1
  fi
  device=${candidates[0]}
}

apply() {
  local device mac
  if in_container; then
    echo "a container gets its addresses from outside"
    return 1
  fi
  find_device
  mac=$(<"/sys/class/net/$device/address")
  keep
  ip link set "$device" up
  ip -4 -o addr show dev "$device" | grep -qF " $ADDRESS/" || ip addr add "$ADDRESS/$PREFIX" brd + dev "$device"
}

# keep: tells whatever configures the network at boot.
keep() {
  if systemctl -q is-active NetworkManager && [[ $(nmcli -g GENERAL.STATE device show "$device") != *unmanaged* ]]; then
    nmcli connection delete "kprov-$device" >/dev/null 2>&1 || true
    nmcli connection add type ethernet con-name "kprov-$device" ifname "$device" ipv4.method manual \
      ipv4.addresses "$ADDRESS/$PREFIX" ipv6.method ignore connection.autoconnect-priority 10
    nmcli connection up "kprov-$device"
  elif [[ -n $(type -P netplan) && -d /etc/netplan ]]; then
    write_file /etc/netplan/90-kprov.yaml 600 << NETPLAN
network:
  version: 2
  ethernets:
    $device:
      match: {macaddress: "$mac"}
      addresses: ["$ADDRESS/$PREFIX"]
NETPLAN
    netplan generate
  elif systemctl -q is-active systemd-networkd; then
    write_file /etc/systemd/network/05-kprov.network 644 << NETWORK
[Match]
MACAddress=$mac
[Network]
Address=$ADDRESS/$PREFIX
NETWORK
    networkctl reload || true
  elif [[ -e /etc/network/interfaces ]]; then
    write_file /etc/network/interfaces.d/kprov 644 << INTERFACES
auto $device
iface $device inet static
  address $ADDRESS/$PREFIX
INTERFACES
    grep -Eq '^source(-directory)? +/etc/network/interfaces\.d' /etc/network/interfaces \
      || echo 'source /etc/network/interfaces.d/*' >> /etc/network/interfaces
  elif [[ -d /etc/sysconfig/network-scripts ]]; then
    write_file "/etc/sysconfig/network-scripts/ifcfg-$device" 644 << IFCFG
DEVICE=$device
BOOTPROTO=none
ONBOOT=yes
IPADDR=$ADDRESS
PREFIX=$PREFIX
IFCFG
  else
    echo "found nothing that configures the network at boot; set for now only"
  fi
}
