# shellcheck shell=bash
# Guarantees: /usr/bin/NAME is the program with the given sum, and a kubelet that runs is that one.
# Needs: NAME, SHA256 (of the program itself), ENCODING (none or gzip, of the payload). Payload: the program.

# runs_old_program: whether the kubelet's process is not the program that is installed.
runs_old_program() {
  local pid
  [[ $NAME == kubelet ]] && process_of kubelet kubelet && [[ ! /proc/$pid/exe -ef /usr/bin/kubelet ]]
}

check() {
  local hash
  if [[ ! -x /usr/bin/$NAME ]] || ! hash_of "/usr/bin/$NAME"; then
    echo "/usr/bin/$NAME is missing"
    return 1
  fi
  if [[ $hash != "$SHA256" ]]; then
    echo "/usr/bin/$NAME is another version or damaged: sha256 ${hash:0:12}, wanted ${SHA256:0:12}"
    return 1
  fi
  if runs_old_program; then
    echo "$NAME runs another version than the installed one"
    return 1
  fi
  echo "$NAME is there, sha256 ${SHA256:0:12}"
}

apply() {
  local hash part=/usr/bin/.$NAME.kprov-part
  if ! hash_of "/usr/bin/$NAME" || [[ $hash != "$SHA256" ]]; then
    receive "$part" "$SHA256" "$ENCODING"
    chmod 755 "$part"
    [[ -e /usr/bin/$NAME ]] || installed "/usr/bin/$NAME"
    mv -f "$part" "/usr/bin/$NAME"
    hash_is "/usr/bin/$NAME" "$SHA256"
  fi
  chmod 755 "/usr/bin/$NAME"
  ! runs_old_program || systemctl restart kubelet
}
