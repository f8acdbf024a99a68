# shellcheck shell=bash
# Guarantees: /opt/cni/bin has the CNI plugins that the pod networks need, from the payload if there is one, else the
# distribution's by links.
# Needs: SHA256 and ENCODING (none or gzip; both empty without a payload). Payload: a tar archive of plugins.

cni_plugins=(bridge host-local loopback portmap)

check() {
  local plugin
  for plugin in "${cni_plugins[@]}"; do
    if [[ ! -s /opt/cni/bin/$plugin || ! -x /opt/cni/bin/$plugin ]]; then
      echo "/opt/cni/bin/$plugin is missing"
      return 1
    fi
  done
  if [[ -n $SHA256 ]] && ! remembered cni-plugins "$SHA256" "${cni_plugins[@]/#//opt/cni/bin/}"; then
    echo "the plugins in /opt/cni/bin are another version or changed"
    return 1
  fi
  echo "the plugins are in /opt/cni/bin"
}

apply() {
  local from path part=/opt/cni/kprov-part
  mkdir -p /opt/cni/bin
  if [[ -n $SHA256 ]]; then
    rm -rf "$part"
    mkdir -p "$part/bin"
    receive "$part/archive" "$SHA256" "$ENCODING"
    tar -xf "$part/archive" -C "$part/bin" --no-same-owner
    for path in "$part"/bin/*; do
      [[ -f $path ]] || continue
      installed "/opt/cni/bin/${path##*/}"
      mv -f "$path" /opt/cni/bin/
    done
    rm -rf "$part"
    remember cni-plugins "$SHA256" "${cni_plugins[@]/#//opt/cni/bin/}"
    return
  fi
  for from in /usr/lib/cni /usr/libexec/cni; do
    [[ -x $from/bridge ]] || continue
    for path in "$from"/*; do
      [[ ! -x /opt/cni/bin/${path##*/} ]] || continue
      installed "/opt/cni/bin/${path##*/}"
      ln -sfn "$path" /opt/cni/bin/
    done
    return
  done
  # Debian, Ubuntu and the relatives of RHEL all call it so.
  if install_packages containernetworking-plugins && [[ -x /usr/lib/cni/bridge || -x /usr/libexec/cni/bridge ]]; then
    apply
    return
  fi
  echo "no CNI plugins: use a pack that has them, or install the package containernetworking-plugins"
  return 1
}
