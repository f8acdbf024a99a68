# shellcheck shell=bash disable=SC2016,SC2034,SC2154,SC2317
# On every guest that kprov names: after the steps of the system all is there that Kubernetes needs, and no mirror was
# asked that is gone.
# shellcheck source=guests.sh
. "${test%/*}/guests.sh"
in_container() { return 1; }
system_path=/usr/sbin:/usr/bin:/sbin:/bin

# asked: what the package manager was asked to install, package by package.
asked() { calls | sed -En '/^(apt-get|dnf|yum) /s/.* install (--no-install-recommends )?//p' | tr ' ' '\n' | awk '!seen[$0]++' | tr '\n' ' '; }

for name in "${guests[@]}"; do
  PATH=$system_path
  guest "$name"
  rm -f "$work/without-bridge" "$work/offline"
  case $family in
    apt) wanted='conntrack iptables socat ethtool mount util-linux iproute2 kmod curl tar gzip ebtables ' ;;
    el7) wanted='conntrack-tools iptables socat ethtool util-linux iproute kmod curl tar gzip ebtables ' ;;
    el8) wanted='conntrack-tools iptables socat ethtool util-linux iproute iproute-tc kmod curl tar gzip ebtables ' ;;
    *) wanted='conntrack-tools iptables-nft socat ethtool util-linux iproute iproute-tc kmod curl tar gzip ' ;;
  esac
  step packages
  fails 'missing: conntrack iptables socat ethtool mount nsenter ip tc modprobe curl tar gzip'
  do_apply
  [[ $answer == 0 ]] || { echo "$name: $log"; exit 1; }
  holds 'all programs are there'
  same "$name: $(asked)" "$name: $wanted"
  case $name in
    debian-10) ! grep -E "$dead_debian" "$work/reached" ;;
    *) ! grep -E "$dead" "$work/reached" ;;
  esac || { echo "$name went to mirrors that are gone"; exit 1; }
  [[ -s $work/reached ]]

  step firewall
  if [[ $family == apt ]]; then holds 'no host firewall'; else
    fails 'selinux enforces'
    do_apply
    same "$answer" 0
    holds 'no host firewall'
    same "$(< /sys/fs/selinux/enforce)" 0
    [[ $(< /etc/NetworkManager/conf.d/90-kprov.conf) == '[keyfile]'$'\n''unmanaged-devices='*'interface-name:cali*'* ]]
    same "$(< /etc/selinux/config)" $'# of the distribution\nSELINUX=permissive\nSELINUXTYPE=targeted'
  fi

  # A small image without the modules that kube-proxy and the pod network need: those of this kernel are installed.
  step kernel
  [[ $name != centos-stream-10 && $name != oracle-9 ]] || touch "$work/without-bridge"
  : > "$work/calls"
  fails 'kernel module overlay is not loaded'
  do_apply
  [[ $answer == 0 ]] || { echo "$name: $log"; exit 1; }
  holds 'modules are loaded'
  case $name in
    centos-stream-10) same "$(asked)" "kernel-modules-$kernel kernel-modules-extra-$kernel " ;;
    # Not every release of Oracle's kernel has the second of them.
    oracle-9) same "$(asked)" "kernel-uek-modules-$kernel kernel-uek-modules-extra-$kernel " ;;
    *) same "$name: $(asked)" "$name: " ;;
  esac
  if [[ $family == el7 ]]; then same "$(< /proc/sys/fs/may_detach_mounts)" 1; fi
done
PATH=$system_path

# Where the packages of systems that ended come from now.
guest centos-7
step packages
do_apply
same "$(grep -Eh '^(baseurl|mirrorlist|metalink)=' /etc/yum.repos.d/*.repo)" 'baseurl=http://vault.centos.org/7.9.2009/os/$basearch/
baseurl=http://vault.centos.org/7.9.2009/updates/$basearch/
baseurl=http://vault.centos.org/7.9.2009/centosplus/$basearch/
baseurl=http://vault.centos.org/7.9.2009/sclo/$basearch/rh/
baseurl=http://archives.fedoraproject.org/pub/archive/epel/7/$basearch'
kept=$(cat /etc/yum.repos.d/*.repo)
same "$(living_mirrors)" ''
same "$(cat /etc/yum.repos.d/*.repo)" "$kept"
PATH=$system_path
guest centos-8
living_mirrors >/dev/null
same "$(grep -h '^baseurl=' /etc/yum.repos.d/*.repo)" 'baseurl=http://vault.centos.org/8.5.2111/BaseOS/$basearch/os/'
PATH=$system_path
guest centos-stream-8
living_mirrors >/dev/null
same "$(grep -h '^baseurl=' /etc/yum.repos.d/*.repo)" 'baseurl=http://vault.centos.org/8-stream/BaseOS/$basearch/os/'
PATH=$system_path
guest debian-10
living_mirrors >/dev/null
same "$(< /etc/apt/sources.list)" 'deb http://archive.debian.org/debian buster main
deb-src http://archive.debian.org/debian buster main
deb http://archive.debian.org/debian-security buster/updates main'

# Somebody's own mirror stays as it is, on whatever system.
PATH=$system_path
guest centos-7
rm /etc/yum.repos.d/*
repo school base 1 'baseurl=http://mirror.school.example/centos/7/os/$basearch/'
kept=$(cat /etc/yum.repos.d/*)
living_mirrors
same "$(cat /etc/yum.repos.d/*)" "$kept"

# Without any mirror it says what it wanted; a clock that nothing keeps is no reason to stop.
PATH=$system_path
guest rocky-9
touch "$work/offline"
step packages
do_apply
same "$answer" 1
[[ $log == *'could not install conntrack-tools iptables-nft socat'*'give the node a package mirror'* ]]
for program in "${needed_programs[@]}"; do touch "$work/bin/$program" && chmod 755 "$work/bin/$program"; done
holds 'all programs are there'
rm /etc/systemd/system/multi-user.target.wants/chronyd.service /usr/lib/systemd/system/chronyd.service
fails 'nothing keeps the clock'
do_apply
same "$answer" 0
holds 'nothing keeps the clock: there was no package of chrony'
rm "$without_time" "$work/offline"
do_apply
holds 'all programs are there'
[[ $(calls) == *'systemctl enable --now chronyd'* ]]

# Swap: what the installer made, what lies in memory, and what is on right now.
PATH=$system_path
guest ubuntu-24.04
step swap
mkdir /usr/lib/systemd/system-generators
touch /usr/lib/systemd/system-generators/zram-generator
printf '/swap.img none swap sw 0 0\n' > /etc/fstab
printf '/swap.img file 2097148 0 -2\n' >> /proc/swaps
fails 'swap on: /swap.img'
do_apply
[[ $answer == 0 ]] || { echo "$log"; exit 1; }
holds 'swap is off'
same "$(< /etc/fstab)" '# kprov: /swap.img none swap sw 0 0'
[[ -e /etc/systemd/zram-generator.conf && ! -s /etc/systemd/zram-generator.conf ]]
PATH=$system_path
