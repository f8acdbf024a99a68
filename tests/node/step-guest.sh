# shellcheck shell=bash disable=SC2034,SC2154,SC2317
# What a machine is, found out in one look; and what Kubernetes does not start on.
step guest
NAME=w1 CGROUPS=2 KERNEL=4.19 ARCH=amd64 CPUS=0 MEMORY=0 HOSTTYPE=x86_64
mount -t tmpfs tmpfs /sys/fs/cgroup
mount -t tmpfs tmpfs /proc/sys
mkdir /sys/fs/cgroup/memory /sys/fs/cgroup/unified /proc/sys/kernel
printf 'NAME="Rocky Linux"\nID="rocky"\nVERSION_ID="9.6"\nPRETTY_NAME="Rocky Linux 9.6 (Blue Onyx)"\n' > /etc/os-release
printf 'MemTotal:        2034560 kB\nMemFree:          123 kB\n' > "$work/meminfo"
printf 'processor\t: 0\nmodel name\t: a\nprocessor\t: 1\nmodel name\t: a\n' > "$work/cpuinfo"
mount --bind "$work/meminfo" /proc/meminfo
mount --bind "$work/cpuinfo" /proc/cpuinfo
double ip 'printf "%s\n" "1: lo    inet 127.0.0.1/8 scope host lo" "2: eth0    inet 10.0.2.15/24 brd + scope global eth0" "3: eth1    inet 192.168.56.101/24 scope global eth1"'
echo 5.14.0-570.el9.x86_64 > /proc/sys/kernel/osrelease
in_container() { return 1; }

# Version 2 is known by its file at the top; version 1 and a mix of both are not enough.
: > /sys/fs/cgroup/unified/cgroup.controllers
fails 'version 1'
CGROUPS=''
holds 'Rocky Linux 9.6 (Blue Onyx), kernel 5.14.0-570.el9.x86_64, amd64, 2 CPUs, 1986 MiB'
CGROUPS=2
: > /sys/fs/cgroup/cgroup.controllers
holds 'kernel 5.14'

same "$(check | sed '$d')" 'published guest-w1 system=rocky
release=9.6
name=Rocky Linux 9.6 (Blue Onyx)
kernel=5.14.0-570.el9.x86_64
arch=amd64
cgroups=2
cpus=2
memory=1986
container=no
addresses=10.0.2.15 192.168.56.101
state=new'
mkdir /etc/kubernetes
touch /etc/kubernetes/kubelet.conf
[[ $(check) == *$'\nstate=joined\n'* ]]
touch /etc/kubernetes/admin.conf
[[ $(check) == *$'\nstate=control-plane\n'* ]]

# Without /etc/os-release it is the one of the distribution, and without either nobody knows.
rm /etc/os-release
if [[ ! -e /usr/lib/os-release ]]; then holds 'an unknown system'; else holds 'kernel 5.14'; fi

# The kernels of CentOS 7 and of release 8 are too old from 1.32 on, numbers go by their value, and flavours have names.
for kernel in 3.10.0-1160.el7.x86_64 4.18.0-553.el8_10.x86_64 4.9.0; do
  echo "$kernel" > /proc/sys/kernel/osrelease
  KERNEL=4.19
  fails "this machine has kernel $kernel, and this Kubernetes needs 4.19 or newer"
  KERNEL=3.10
  holds "kernel $kernel"
done
KERNEL=4.19
for kernel in 4.19.0-27-amd64 4.20-rc1 5.4+ 6.12.38+deb13-amd64 10.0; do
  echo "$kernel" > /proc/sys/kernel/osrelease
  holds "kernel $kernel"
done
ARCH=arm64
fails 'this machine has an amd64 processor, and the programs for it are made for arm64'
HOSTTYPE=aarch64
holds 'arm64'

# A control plane has to have the size that kubeadm asks for.
CPUS=2 MEMORY=1700
holds '2 CPUs, 1986 MiB'
CPUS=4
fails 'this machine has 2 CPUs and 1986 MiB of memory, and kubeadm wants 4 and 1700'
CPUS=2 MEMORY=2000
fails 'wants 2 and 2000'
