#!/bin/sh
# What a node cannot bring along in its image: the key that may log in, its own host key, and the view of a kernel that
# is not its own. Runs at every boot and does only what is missing.
set -eu

# The environment of the container's first process is how `docker create --env` reaches the node.
key=$(tr '\0' '\n' < /proc/1/environ | sed -n 's/^KPROV_AUTHORIZED_KEY=//p')
keys=/home/vagrant/.ssh/authorized_keys
if [ -n "$key" ] && ! grep -qsxF "$key" "$keys"; then
  printf '%s\n' "$key" >> "$keys"
  chown vagrant:vagrant "$keys"
  chmod 600 "$keys"
fi

# One host key of the kind that every client of today takes; an RSA key alone would take longer than the whole boot.
[ -e /etc/ssh/ssh_host_ed25519_key ] || ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key

# `modprobe br_netfilter` must succeed as on a VM, so what this kernel has is listed where modprobe looks.
modules=/lib/modules/$(uname -r)
if [ ! -d "$modules" ]; then
  mkdir -p "$modules"
  : > "$modules/modules.order"
  {
    [ ! -e /proc/sys/net/bridge ] || echo kernel/net/bridge/br_netfilter.ko
    [ ! -e /proc/sys/net/netfilter/nf_conntrack_max ] || echo kernel/net/netfilter/nf_conntrack.ko
    ! grep -qw overlay /proc/filesystems || echo kernel/fs/overlayfs/overlay.ko
    [ ! -e /sys/module/vxlan ] || echo kernel/drivers/net/vxlan/vxlan.ko
  } > "$modules/modules.builtin"
  depmod
fi

# Rules of iptables' two kinds do not see each other. The legacy kind is the one that containers which bring their own
# iptables agree on, so it is taken wherever the kernel still has it.
kind=nft
! iptables-legacy -t nat -S > /dev/null 2>&1 || kind=legacy
for program in iptables ip6tables; do
  [ "$(readlink "/etc/alternatives/$program")" = "/usr/sbin/$program-$kind" ] \
    || update-alternatives --quiet --set "$program" "/usr/sbin/$program-$kind"
done
