# shellcheck shell=bash
# Guarantees: the operating system's programs that kubeadm, the kubelet, kube-proxy and kprov call are there, and
# something keeps the clock: certificates and leases go by it.
# Needs: nothing.

needed_programs=(conntrack iptables socat ethtool mount nsenter ip tc modprobe curl tar gzip)

# The services that keep the clock: of the distributions, and of VirtualBox's additions, which follow the host's.
time_services=(chronyd chrony systemd-timesyncd ntpd ntp ntpsec ntpsec-ntpd openntpd vboxadd-service vboxservice virtualbox-guest-utils)

# Says that nothing could be installed which keeps the clock, as in a room without any package mirror.
without_time=${kprov_state:?}/no-time-service

# missing_programs: sets `missing`.
missing_programs() {
  local program
  missing=()
  for program in "${needed_programs[@]}"; do
    type -P "$program" >/dev/null || missing+=("$program")
  done
}

# keeps_time: whether a service does, from the next boot on at the latest. A container has its host's clock.
keeps_time() {
  local service
  if in_container; then return; fi
  for service in "${time_services[@]}"; do
    if [[ -L /etc/systemd/system/multi-user.target.wants/$service.service || -L /etc/systemd/system/sysinit.target.wants/$service.service ]]; then
      return
    fi
  done
  return 1
}

check() {
  local missing
  missing_programs
  if [[ ${#missing[@]} != 0 ]]; then
    echo "missing: ${missing[*]}"
    return 1
  fi
  if keeps_time; then
    echo "all programs are there"
  elif [[ -e $without_time ]]; then
    echo "all programs are there, but nothing keeps the clock: there was no package of chrony"
  else
    echo "nothing keeps the clock"
    return 1
  fi
}

# package_of PROGRAM: prints the package that it is in here.
package_of() {
  local release=${os_version%%.*}
  if [[ -n $(type -P apt-get) ]]; then
    case $1 in
      ip | tc) echo iproute2 ;;
      nsenter) echo util-linux ;;
      modprobe) echo kmod ;;
      *) echo "$1" ;;
    esac
    return
  fi
  case $1 in
    conntrack) echo conntrack-tools ;;
    mount | nsenter) echo util-linux ;;
    ip) echo iproute ;;
    # Apart from the rest since release 8.
    tc) if [[ $release == 7 ]]; then echo iproute; else echo iproute-tc; fi ;;
    # From release 9 on there is only the one that makes rules of nftables.
    iptables) case $release in 7 | 8) echo iptables ;; *) echo iptables-nft ;; esac ;;
    modprobe) echo kmod ;;
    *) echo "$1" ;;
  esac
}

# keep_time: turns on what is there, else installs chrony.
keep_time() {
  local service
  for service in systemd-timesyncd chronyd chrony; do
    if [[ -e /usr/lib/systemd/system/$service.service || -e /lib/systemd/system/$service.service ]]; then
      systemctl enable --now "$service" && return
    fi
  done
  install_packages chrony || return 1
  if [[ -n $(type -P apt-get) ]]; then systemctl enable --now chrony; else systemctl enable --now chronyd; fi
}

apply() {
  local missing program package packages=()
  # shellcheck disable=SC2034 # of no use here
  local os os_version os_name
  os_release
  missing_programs
  for program in ${missing[@]+"${missing[@]}"}; do
    package=$(package_of "$program")
    [[ " ${packages[*]-} " == *" $package "* ]] || packages+=("$package")
  done
  if [[ ${#packages[@]} != 0 ]] && ! install_packages "${packages[@]}"; then
    echo "could not install ${packages[*]}: give the node a package mirror, or a box or image that has them"
    return 1
  fi
  if ! keeps_time && ! keep_time; then
    echo "nothing keeps the clock, and chrony could not be installed"
    write_file "$without_time" 644 </dev/null
  fi
  # Wanted by old kube-proxies only; not every distribution has it any more.
  [[ ${#packages[@]} == 0 || -n $(type -P ebtables) ]] || install_packages ebtables || true
}
