# shellcheck shell=bash
# Guarantees: containerd and runc are there, containerd runs now and at boot. From the payload if there is one, else
# what is installed, else the distribution's package. A containerd that is not kprov's stays although there is a payload
# if its version is FROM or later and earlier than BELOW.
# Needs: SHA256 and ENCODING (none or gzip; both empty without a payload), FROM and BELOW (empty: nothing else stays),
# OLDEST and TOO_NEW (what this Kubernetes takes, and what it does not any more).
# Payload: an official release archive (bin/containerd and the rest), which goes to /usr/local.

containerd_programs=(/usr/local/bin/containerd /usr/local/bin/ctr /usr/local/bin/containerd-shim-runc-v2)

unit_path=/etc/systemd/system/containerd.service
# As in containerd's repository.
unit='[Unit]
Description=containerd container runtime
After=network.target local-fs.target
[Service]
ExecStartPre=-/sbin/modprobe overlay
ExecStart=/usr/local/bin/containerd
Type=notify
Delegate=yes
KillMode=process
Restart=always
RestartSec=5
LimitNPROC=infinity
LimitCORE=infinity
LimitNOFILE=infinity
TasksMax=infinity
OOMScoreAdjust=-999
[Install]
WantedBy=multi-user.target'

# stays: whether the containerd that is there is not kprov's and fits.
stays() {
  local containerd_version
  [[ -n $FROM && ! -e ${kprov_state:?}/archives/containerd ]] && containerd_version || return 1
  ! older "$containerd_version" "$FROM" && older "$containerd_version" "$BELOW"
}

# from_here: whether it is to be the payload's.
from_here() { [[ -n $SHA256 ]] && ! stays; }

check() {
  local program containerd_version pid
  for program in containerd runc; do
    if ! type -P "$program" >/dev/null; then
      echo "$program is missing"
      return 1
    fi
  done
  if from_here && ! remembered containerd "$SHA256" "${containerd_programs[@]}"; then
    echo "containerd is another version or changed"
    return 1
  fi
  if from_here && ! same_file $unit_path "$unit"; then
    echo "the unit of containerd is missing or not as wanted"
    return 1
  fi
  containerd_version
  if older "$containerd_version" "$OLDEST" || ! older "$containerd_version" "$TOO_NEW"; then
    echo "containerd $containerd_version does not fit this kubernetes, which takes $OLDEST and later, but earlier than $TOO_NEW"
    return 1
  fi
  if ! is_enabled containerd; then
    echo "containerd $containerd_version does not start at boot"
    return 1
  fi
  if ! process_of containerd containerd; then
    echo "containerd $containerd_version does not run"
    return 1
  fi
  if from_here && [[ ! /proc/$pid/exe -ef /usr/local/bin/containerd ]]; then
    echo "containerd runs another version than the installed one"
    return 1
  fi
  echo "containerd $containerd_version runs"
}

write_unit() {
  write_file $unit_path 644 <<< "$unit"
  systemctl daemon-reload
}

from_payload() {
  local path part=/usr/local/bin/.kprov-part
  # From here on it is kprov's, also when the power is cut before all of it is there.
  write_file "$kprov_state/archives/containerd" 644 < /dev/null
  rm -rf "$part"
  mkdir -p "$part"
  receive "$part/archive" "$SHA256" "$ENCODING"
  tar -xf "$part/archive" -C "$part" --no-same-owner
  for path in "$part"/bin/*; do
    installed "/usr/local/bin/${path##*/}"
    mv -f "$path" /usr/local/bin/
  done
  rm -rf "$part"
  installed $unit_path
  write_unit
  remember containerd "$SHA256" "${containerd_programs[@]}"
}

apply() {
  local pid
  if from_here; then
    remembered containerd "$SHA256" "${containerd_programs[@]}" || from_payload
    same_file $unit_path "$unit" || write_unit
  elif [[ -z $(type -P containerd) ]]; then
    install_packages containerd || install_packages containerd.io || {
      echo "no containerd here and no package of it: use a pack that has it"
      return 1
    }
  fi
  [[ -n $(type -P runc) ]] || install_packages runc || {
    echo "no runc here and no package of it: use a pack that has it"
    return 1
  }
  systemctl unmask -q containerd || true
  systemctl enable -q containerd
  if from_here && process_of containerd containerd && [[ ! /proc/$pid/exe -ef /usr/local/bin/containerd ]]; then
    run_unit restart containerd
  else
    run_unit start containerd
  fi
}
