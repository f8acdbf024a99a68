# shellcheck shell=bash
# Guarantees: /usr/bin/NAME is the program with the given sum, and a kubelet that runs is that one.
# Needs: NAME, SHA256 (of the program itself, or of the archive if ENCODING is tar), ENCODING (none, gzip or tar, of the
# payload). Payload: the program, or a tar archive with it.

# runs_old_program: whether the kubelet's process is not the program that is installed.
runs_old_program() {
  local pid
  [[ $NAME == kubelet ]] && process_of kubelet kubelet && [[ ! /proc/$pid/exe -ef /usr/bin/kubelet ]]
}

# is_right: whether the program is the one with the sum, or came out of the archive with it; sets `found`.
is_right() {
  local hash=
  if [[ $ENCODING == tar ]]; then
    found='out of another archive'
    remembered "program-$NAME" "$SHA256" "/usr/bin/$NAME"
  else
    hash_of "/usr/bin/$NAME" || true
    found="sha256 ${hash:0:12}"
    [[ $hash == "$SHA256" ]]
  fi
}

check() {
  local found
  if [[ ! -x /usr/bin/$NAME ]]; then
    echo "/usr/bin/$NAME is missing"
    return 1
  fi
  if ! is_right; then
    echo "/usr/bin/$NAME is another version or damaged: $found, wanted ${SHA256:0:12}"
    return 1
  fi
  if runs_old_program; then
    echo "$NAME runs another version than the installed one"
    return 1
  fi
  echo "$NAME is there, sha256 ${SHA256:0:12}"
}

apply() {
  local found member part=/usr/bin/.$NAME.kprov-part
  if ! is_right; then
    if [[ $ENCODING == tar ]]; then
      receive "$part-archive" "$SHA256" none
      # Some archives have a folder of their own: linux-amd64/helm, cri-dockerd/cri-dockerd.
      member=$(tar -tf "$part-archive" | awk -F/ -v name="$NAME" '$NF == name && !found {print; found = 1}')
      tar -xOf "$part-archive" "${member:-$NAME}" > "$part"
      rm -f "$part-archive"
    else
      receive "$part" "$SHA256" "$ENCODING"
    fi
    chmod 755 "$part"
    [[ -e /usr/bin/$NAME ]] || installed "/usr/bin/$NAME"
    mv -f "$part" "/usr/bin/$NAME"
    if [[ $ENCODING == tar ]]; then
      remember "program-$NAME" "$SHA256" "/usr/bin/$NAME"
    else
      hash_is "/usr/bin/$NAME" "$SHA256"
    fi
  fi
  [[ -x /usr/bin/$NAME ]] || chmod 755 "/usr/bin/$NAME"
  ! runs_old_program || systemctl restart kubelet
}
