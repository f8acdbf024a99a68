#!/usr/bin/env bash
# A pretend machine from the inside: in network, mount and host name namespaces of its own, with this computer's files
# as its base image, it boots for some seconds and is an sshd then. kprov's steps hold on it already.
# usage: guest.sh DISK SECONDS BRIDGE MAC
set -euo pipefail
disk=$1 seconds=$2 bridge=$3 mac=$4
here=$(dirname "$0")
root=$disk/root
mkdir -p "$disk/upper" "$disk/work" "$root"
mount --make-rprivate /
mount -t overlay overlay -o "lowerdir=/,upperdir=$disk/upper,workdir=$disk/work" "$root"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
mount -t sysfs sysfs "$root/sys"
mkdir -p "$root/run/sshd"

if [[ ! -e $root/etc/machine-is-made ]]; then
  # What a box has: the user vagrant with the key that everybody knows, sudo, ifupdown.
  echo 'vagrant:x:0:0::/home/vagrant:/bin/bash' >> "$root/etc/passwd"
  mkdir -p "$root/home/vagrant/.ssh"
  cp "$here/vagrant.pub" "$root/home/vagrant/.ssh/authorized_keys"
  ssh-keygen -q -t ed25519 -N '' -f "$root/etc/ssh/machine_key"
  printf '%s\n' 'HostKey /etc/ssh/machine_key' 'PermitRootLogin yes' 'StrictModes no' 'UsePAM no' 'PidFile none' \
    'AuthorizedKeysFile .ssh/authorized_keys' 'Subsystem sftp internal-sftp' > "$root/etc/ssh/machine"
  mkdir -p "$root/etc/network"
  printf 'auto lo\niface lo inet loopback\n' > "$root/etc/network/interfaces"
  cp "$here/inside/"* "$root/usr/local/bin/"
  for name in sudo hostnamectl shutdown ifup ifdown; do
    for folder in bin sbin; do ln -sf "/usr/local/bin/$name" "$root/usr/$folder/$name"; done
  done
  mkdir -p "$root/etc/kubernetes"
  cp "$here/admin.conf" "$root/etc/kubernetes/admin.conf"
  touch "$root/etc/machine-is-made"
fi
hostname "$(cat "$root/etc/hostname" 2>/dev/null || echo box)"

ip link set lo up
ip link add name eth0 type bridge
ip addr add 10.0.2.15/24 dev eth0
ip link set eth0 up
if [[ -n $bridge ]]; then
  # The other end of the cable is where the host-only interface is: with the first process.
  end=v${mac: -8}
  colons=${mac:0:2}:${mac:2:2}:${mac:4:2}:${mac:6:2}:${mac:8:2}:${mac:10:2}
  ip link add name eth1 address "$colons" type veth peer name "$end" netns 1
  nsenter --target 1 --net ip link set "$end" master "$bridge" up
fi
exec unshare --pid --fork --kill-child chroot "$root" /bin/bash /usr/local/bin/boot "$seconds"
