#!/bin/sh
# Runs once, as root, in the root filesystem of a node image that has the packages: makes it a node that boots in a
# container within a second and lets in `vagrant` with the key of whoever runs it, and nobody else.
set -eu
here=$(dirname "$0")

# sudo needs no password, and no password opens the account. `*` and not a lock, which would refuse keys too.
useradd --create-home --shell /bin/bash --password '*' vagrant
echo 'vagrant ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/vagrant
chmod 440 /etc/sudoers.d/vagrant
install -d -m 700 -o vagrant -g vagrant /home/vagrant/.ssh
cat > /etc/ssh/sshd_config.d/kprov.conf <<'CONF'
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin no
UseDNS no
HostKey /etc/ssh/ssh_host_ed25519_key
CONF

# logind is masked below, and every login would wait for it. And sshd answers before systemd says that the boot is done,
# when /run/nologin would still keep users out.
sed -i 's/^.*pam_systemd.*/# &/' /etc/pam.d/common-session
ln -sf /dev/null /etc/tmpfiles.d/systemd-nologin.conf

# The legacy kind of iptables; the first boot sees whether the kernel has it.
for program in iptables ip6tables ebtables; do
  update-alternatives --quiet --set "$program" "/usr/sbin/$program-legacy"
done

# In a registry's base image this keeps packages from starting their daemons; a node is a whole system.
rm -f /usr/sbin/policy-rc.d

# What differs between nodes is made at the first boot.
: > /etc/machine-id
rm -f /etc/ssh/ssh_host_* /var/lib/dbus/machine-id
install -m 755 "$here/first-boot.sh" /usr/local/sbin/kprov-first-boot
install -m 644 "$here/first-boot.service" /etc/systemd/system/kprov-first-boot.service

# Units that would change the one kernel below all nodes, wait for hardware that a container lacks, or make up for a
# system that was updated while it was off.
for unit in \
  systemd-sysctl.service systemd-modules-load.service kmod-static-nodes.service modprobe@.service \
  systemd-udevd.service systemd-udev-trigger.service systemd-tmpfiles-setup-dev.service \
  systemd-logind.service systemd-timesyncd.service systemd-random-seed.service systemd-remount-fs.service \
  systemd-pstore.service systemd-binfmt.service systemd-update-utmp.service systemd-update-utmp-runlevel.service \
  getty.target console-getty.service getty@.service \
  ldconfig.service systemd-sysusers.service systemd-hwdb-update.service systemd-journal-catalog-update.service \
  systemd-update-done.service systemd-firstboot.service \
  dev-hugepages.mount dev-mqueue.mount sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount \
  sys-fs-fuse-connections.mount proc-sys-fs-binfmt_misc.automount proc-sys-fs-binfmt_misc.mount \
  apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer
do
  ln -sf /dev/null "/etc/systemd/system/$unit"
done
systemctl --quiet enable kprov-first-boot.service ssh.service containerd.service
systemctl --quiet set-default multi-user.target

# /var is copied into a volume for every new node, so what nobody misses there goes.
rm -rf /var/cache/apt/* /var/cache/debconf/*-old /var/lib/apt/lists/* /var/log/*.log /var/log/apt /kprov-setup
