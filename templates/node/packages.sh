# shellcheck shell=bash
# Guarantees: the operating system's programs that kubeadm, the kubelet, kube-proxy and kprov call are there.
# Needs: nothing.

needed_programs=(conntrack iptables socat ethtool mount ip modprobe curl tar gzip)

# missing_programs: sets `missing`.
missing_programs() {
  local program
  missing=()
  for program in "${needed_programs[@]}"; do
    type -P "$program" >/dev/null || missing+=("$program")
  done
}

check() {
  local missing
  missing_programs
  if [[ ${#missing[@]} != 0 ]]; then
    echo "missing: ${missing[*]}"
    return 1
  fi
  echo "all programs are there"
}

apply() {
  local missing program packages=()
  missing_programs
  for program in "${missing[@]}"; do
    case $program in
      conntrack) if [[ -n $(type -P apt-get) ]]; then packages+=(conntrack); else packages+=(conntrack-tools); fi ;;
      mount) if [[ -n $(type -P apt-get) ]]; then packages+=(mount); else packages+=(util-linux); fi ;;
      ip) if [[ -n $(type -P apt-get) ]]; then packages+=(iproute2); else packages+=(iproute); fi ;;
      modprobe) packages+=(kmod) ;;
      *) packages+=("$program") ;;
    esac
  done
  if ! install_packages "${packages[@]}"; then
    echo "could not install ${packages[*]}: give the node a package mirror, or a box or image that has them"
    return 1
  fi
  # Wanted by old kube-proxies only; not every distribution has it any more.
  [[ -n $(type -P ebtables) ]] || install_packages ebtables || true
}
