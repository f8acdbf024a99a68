# shellcheck shell=bash disable=SC2016,SC2034,SC2154,SC2317
# Guests as their distributions ship them at their smallest: what /etc says of them, where their packages come from and
# what those are called, what is on after the boot. Their package manager knows nothing else, and ends as the real one
# does when a repository that is on leads to a mirror that was switched off. Nothing is reached: it only notes where it
# would have gone. `guest NAME` makes this sandbox one of them.

guests=(debian-10 debian-12 debian-13 ubuntu-22.04 ubuntu-24.04 rocky-8 rocky-9 alma-8 alma-9 oracle-8 oracle-9
  centos-stream-8 centos-stream-9 centos-stream-10 centos-7 centos-8)

# Switched off: mirrorlist.centos.org with CentOS 7; Debian's mirrors have no release that went to the archive.
dead='mirrorlist\.centos\.org|mirror\.centos\.org'
dead_debian='(deb|security)\.debian\.org'

# Lines "package program...": what is in a package of that family.
packages_of() {
  local kernel
  read -r kernel < /proc/sys/kernel/osrelease
  printf '%s\n' 'socat socat' 'ethtool ethtool' 'curl curl' 'tar tar' 'gzip gzip' 'kmod modprobe' 'ebtables ebtables' 'chrony'
  case $1 in
    apt) printf '%s\n' 'conntrack conntrack' 'iptables iptables' 'iproute2 ip tc' 'mount mount' 'util-linux nsenter' ;;
    el7) printf '%s\n' 'conntrack-tools conntrack' 'iptables iptables' 'iproute ip tc' 'util-linux mount nsenter' ;;
    el8) printf '%s\n' 'conntrack-tools conntrack' 'iptables iptables' 'iproute ip' 'iproute-tc tc' 'util-linux mount nsenter' ;;
    *) printf '%s\n' 'conntrack-tools conntrack' 'iptables-nft iptables ebtables' 'iproute ip' 'iproute-tc tc' 'util-linux mount nsenter' ;;
  esac
  case $kernel in
    *uek*) printf '%s\n' "kernel-uek-modules-$kernel br_netfilter.ko" ;;
    *.el*) printf '%s\n' "kernel-modules-$kernel" "kernel-modules-extra-$kernel br_netfilter.ko" ;;
  esac
}

# repo FILE SECTION ENABLED LINE...: a repository of yum's.
repo() {
  mkdir -p /etc/yum.repos.d
  printf '[%s]\nname=%s\n' "$2" "$2" >> "/etc/yum.repos.d/$1.repo"
  printf '%s\n' "${@:4}" "enabled=$3" 'gpgcheck=1' '' >> "/etc/yum.repos.d/$1.repo"
}

# old_centos FILE SECTION ENABLED PATH LIST: as CentOS wrote them while its mirrors were up.
old_centos() {
  repo "$1" "$2" "$3" "mirrorlist=http://mirrorlist.centos.org/?$5" "#baseurl=http://mirror.centos.org/$4/\$basearch/"
}

os_release_of() { printf 'NAME="%s"\nID=%s\nID_LIKE="%s"\nVERSION_ID="%s"\nPRETTY_NAME="%s"\n' "$@" > /etc/os-release; }

# guest NAME: an empty machine of it. Sets `family`, and `kernel` as it comes with the release.
guest() {
  local name=$1 version=${1##*-} list="release=\$releasever&arch=\$basearch&repo"
  rm -rf /etc/{NetworkManager,yum.repos.d,apt,selinux,systemd,ufw,modules-load.d,sysctl.d} "${kprov_state:?}" "${work:?}"/{bin,reached,calls,modprobe}
  mkdir -p /etc/apt/sources.list.d /etc/systemd/system/{multi-user,sysinit,basic}.target.wants "$kprov_state" "$work/bin"
  umount /usr/lib/systemd /sys/fs /proc/sys /proc/swaps /proc/filesystems 2>/dev/null || true
  mount -t tmpfs tmpfs /usr/lib/systemd
  mkdir -p /usr/lib/systemd/system
  mount -t tmpfs tmpfs /sys/fs
  mount -t tmpfs tmpfs /proc/sys
  mkdir -p /proc/sys/net/ipv4 /proc/sys/kernel
  echo 0 > /proc/sys/net/ipv4/ip_forward
  printf 'nodev\ttmpfs\n\text4\n' > "$work/filesystems"
  mount --bind "$work/filesystems" /proc/filesystems
  printf 'Filename Type Size Used Priority\n' > "$work/swaps"
  mount --bind "$work/swaps" /proc/swaps
  : > /etc/fstab
  case $name in
    debian-*)
      family=apt
      case $version in
        10) set -- "$version" buster 4.19.0-27-amd64 ;;
        12) set -- "$version" bookworm 6.1.0-37-amd64 ;;
        13) set -- "$version" trixie 6.12.38+deb13-amd64 ;;
      esac
      os_release_of 'Debian GNU/Linux' debian '' "$1" "Debian GNU/Linux $1 ($2)"
      kernel=$3
      if [[ $1 == 13 ]]; then
        rm -f /etc/apt/sources.list
        printf '%s\n' 'Types: deb' 'URIs: http://deb.debian.org/debian' "Suites: $2 $2-updates" 'Components: main' > /etc/apt/sources.list.d/debian.sources
      else
        printf '%s\n' "deb http://deb.debian.org/debian $2 main" "deb-src http://deb.debian.org/debian $2 main" \
          "deb http://security.debian.org/debian-security $2/updates main" > /etc/apt/sources.list
      fi
      ;;
    ubuntu-*)
      family=apt
      os_release_of Ubuntu ubuntu debian "$version" "Ubuntu $version LTS"
      kernel=5.15.0-144-generic
      printf 'deb http://archive.ubuntu.com/ubuntu jammy main\n' > /etc/apt/sources.list
      if [[ $version == 24.04 ]]; then
        kernel=6.8.0-64-generic
        rm /etc/apt/sources.list
        printf '%s\n' 'Types: deb' 'URIs: http://archive.ubuntu.com/ubuntu/' 'Suites: noble' 'Components: main' > /etc/apt/sources.list.d/ubuntu.sources
      fi
      ;;
    rocky-*)
      family=el$version
      os_release_of 'Rocky Linux' rocky 'rhel centos fedora' "$version.10" "Rocky Linux $version.10"
      repo rocky baseos 1 "mirrorlist=https://mirrors.rockylinux.org/mirrorlist?arch=\$basearch&repo=BaseOS-\$releasever"
      ;;
    alma-*)
      family=el$version
      os_release_of AlmaLinux almalinux 'rhel centos fedora' "$version.10" "AlmaLinux $version.10"
      repo almalinux-baseos baseos 1 "mirrorlist=https://mirrors.almalinux.org/mirrorlist/\$releasever/baseos"
      ;;
    oracle-*)
      family=el$version
      os_release_of 'Oracle Linux Server' ol fedora "$version.6" "Oracle Linux Server $version.6"
      repo oracle-linux "ol${version}_baseos_latest" 1 "baseurl=https://yum\$ociregion.\$ocidomain/repo/OracleLinux/OL$version/baseos/latest/\$basearch/"
      ;;
    centos-stream-8)
      family=el8
      os_release_of 'CentOS Stream' centos 'rhel fedora' 8 'CentOS Stream 8'
      repo CentOS-Stream-BaseOS baseos 1 "mirrorlist=http://mirrorlist.centos.org/?release=\$stream&arch=\$basearch&repo=BaseOS&infra=\$infra" \
        "#baseurl=http://mirror.centos.org/\$contentdir/\$stream/BaseOS/\$basearch/os/"
      ;;
    centos-stream-*)
      family=el$version
      os_release_of 'CentOS Stream' centos 'rhel fedora' "$version" "CentOS Stream $version"
      repo centos baseos 1 "metalink=https://mirrors.centos.org/metalink?repo=centos-baseos-\$stream&arch=\$basearch&protocol=https,http"
      ;;
    centos-8)
      family=el8
      os_release_of 'CentOS Linux' centos 'rhel fedora' 8 'CentOS Linux 8'
      repo CentOS-Linux-BaseOS baseos 1 "mirrorlist=http://mirrorlist.centos.org/?$list=BaseOS&infra=\$infra" \
        "#baseurl=http://mirror.centos.org/\$contentdir/\$releasever/BaseOS/\$basearch/os/"
      ;;
    centos-7)
      family=el7
      os_release_of 'CentOS Linux' centos 'rhel fedora' 7 'CentOS Linux 7 (Core)'
      old_centos CentOS-Base base 1 "centos/\$releasever/os" "$list=os&infra=\$infra"
      old_centos CentOS-Base updates 1 "centos/\$releasever/updates" "$list=updates&infra=\$infra"
      old_centos CentOS-Base centosplus 0 "centos/\$releasever/centosplus" "$list=centosplus&infra=\$infra"
      repo CentOS-SCLo-scl-rh centos-sclo-rh 1 'mirrorlist=http://mirrorlist.centos.org?arch=$basearch&release=7&repo=sclo-rh' \
        '#baseurl=http://mirror.centos.org/centos/7/sclo/$basearch/rh/'
      repo epel epel 1 '#baseurl=http://download.fedoraproject.org/pub/epel/7/$basearch' \
        'metalink=https://mirrors.fedoraproject.org/metalink?repo=epel-7&arch=$basearch'
      ;;
  esac
  case $family in
    el7) kernel=3.10.0-1160.119.1.el7.x86_64 ;;
    el8) kernel=4.18.0-553.el8_10.x86_64 ;;
    el9) kernel=5.14.0-570.el9.x86_64 ;;
    el10) kernel=6.12.0-124.el10.x86_64 ;;
  esac
  [[ $name != oracle-9 ]] || kernel=5.15.0-309.180.4.el9uek.x86_64
  echo "$kernel" > /proc/sys/kernel/osrelease
  [[ $family != el7 ]] || { mkdir /proc/sys/fs && echo 0 > /proc/sys/fs/may_detach_mounts; }
  boots
  programs
}

# boots: what is on after the boot of an image of that family.
boots() {
  local units=/etc/systemd/system
  if [[ $family == apt ]]; then
    touch /usr/lib/systemd/system/systemd-timesyncd.service
    ln -s /usr/lib/systemd/system/systemd-timesyncd.service $units/sysinit.target.wants/
    return
  fi
  touch /usr/lib/systemd/system/{chronyd,firewalld}.service
  ln -s /usr/lib/systemd/system/{chronyd,firewalld}.service $units/multi-user.target.wants/
  mkdir -p /etc/NetworkManager/conf.d /etc/selinux /sys/fs/selinux
  echo 1 > /sys/fs/selinux/enforce
  printf '# of the distribution\nSELINUX=enforcing\nSELINUXTYPE=targeted\n' > /etc/selinux/config
}

# programs: nothing but a shell, the core utilities, and doubles.
programs() {
  local name manager
  for name in bash cat sed grep awk mkdir mv cp chmod cmp rm stat sha256sum touch ln tr; do
    ln -s "$(PATH=/usr/bin:/bin type -P "$name")" "$work/bin/$name"
  done
  packages_of "$family" > "$work/packages"
  double sleep ''
  double dpkg ''
  double setenforce 'echo "$1" > /sys/fs/selinux/enforce'
  double swapoff 'read -r line < /proc/swaps; echo "$line" > /proc/swaps'
  # It knows enable, disable and what swap there is.
  double systemctl "echo \"systemctl \$*\" >> '$work/calls'"'
case "$1 $2" in
  "enable --now") ln -sf "/usr/lib/systemd/system/$3.service" "/etc/systemd/system/multi-user.target.wants/$3.service" ;;
  "disable --now") rm -f /etc/systemd/system/*.wants/"$3.service" ;;
esac'
  double sysctl '
while read -r name _ value; do [[ ! -e /proc/sys/${name//.//} ]] || echo "$value" > "/proc/sys/${name//.//}"; done < "$3"'
  # What it loads shows where the real ones do.
  double modprobe "
case \$1 in
  overlay) printf 'nodev\ttmpfs\n\text4\nnodev\toverlay\n' > '$work/filesystems' ;;
  br_netfilter)
    [[ ! -e '$work/without-bridge' || -e '$work/bin/br_netfilter.ko' ]] || { echo \"modprobe: FATAL: Module \$1 not found in directory /lib/modules/\$(< /proc/sys/kernel/osrelease)\" >&2; exit 1; }
    mkdir -p /proc/sys/net/bridge
    for name in iptables ip6tables; do echo 0 > /proc/sys/net/bridge/bridge-nf-call-\$name; done ;;
esac"
  mv "$work/bin/modprobe" "$work/modprobe"
  case $family in apt) manager=apt-get ;; el7) manager=yum ;; *) manager=dnf ;; esac
  double "$manager" "manager=$manager work='$work' dead='$dead' dead_debian='$dead_debian'"'
echo "$manager $*" >> "$work/calls"
if [[ $manager == apt-get ]]; then
  urls=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | sed -En "s/^(deb|URIs:) *(http[^ ]*).*/\2/p")
  grep -q "^VERSION_ID=\"10\"" /etc/os-release && dead=$dead_debian
else
  # Of each repository that is on, where its packages come from: a list of mirrors stands before an address.
  urls=$(awk -F= "function end() { if (on && url != \"\") print url; url = \"\"; on = 1; listed = 0 }
    /^\[/ { end() }
    /^enabled=0/ { on = 0 }
    /^(mirrorlist|metalink)=/ { sub(/^[a-z]*=/, \"\"); url = \$0; listed = 1 }
    /^baseurl=/ && !listed { sub(/^[a-z]*=/, \"\"); url = \$0 }
    END { end() }" /etc/yum.repos.d/*.repo)
fi
echo "$urls" >> "$work/reached"
if [[ -e $work/offline ]] || grep -Eq "$dead" <<< "$urls"; then
  echo "Could not resolve host: mirrorlist.centos.org; Unknown error" >&2
  exit 1
fi
installs=() install=
for word; do
  [[ -z $install || $word == -* ]] || installs+=("$word")
  [[ $word != install ]] || install=1
done
# All of them or none.
for word in "${installs[@]}"; do
  grep -q "^$word\( \|$\)" "$work/packages" || { echo "No match for argument: $word" >&2; exit 1; }
done
for word in "${installs[@]}"; do
  line=$(grep "^$word\( \|$\)" "$work/packages")
  for program in ${line#"$word"}; do
    if [[ $program == modprobe ]]; then mv "$work/modprobe" "$work/bin/modprobe"; else touch "$work/bin/$program"; fi
    chmod 755 "$work/bin/$program"
  done
  if [[ $word == chrony ]]; then
    if [[ $manager == apt-get ]]; then touch /usr/lib/systemd/system/chrony.service; else touch /usr/lib/systemd/system/chronyd.service; fi
  fi
done'
  PATH=$work/bin
}
