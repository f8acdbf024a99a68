# shellcheck shell=bash
# Guarantees: no swap now and after a reboot; the kubelet refuses to start with swap on.
# Needs: nothing.

# swap_at_boot: sets `line` to the first line of /etc/fstab that would turn swap on.
swap_at_boot() {
  local type
  [[ -r /etc/fstab ]] || return 1
  while IFS= read -r line || [[ -n $line ]]; do
    [[ ! $line =~ ^[[:space:]]*# ]] || continue
    read -r _ _ type _ <<< "$line"
    [[ $type != swap ]] || return 0
  done < /etc/fstab
  return 1
}

check() {
  local swaps line entry on=
  if in_container; then
    echo "a container has no swap of its own, the host's is left alone"
    return
  fi
  mapfile -t swaps < /proc/swaps
  for entry in "${swaps[@]:1}"; do on+=" ${entry%%[[:space:]]*}"; done
  if [[ -n $on ]]; then
    echo "swap on:$on"
    return 1
  fi
  if swap_at_boot; then
    echo "swap comes back at boot: ${line%%[[:space:]]*} in /etc/fstab"
    return 1
  fi
  if [[ -e /usr/lib/systemd/system-generators/zram-generator && ( ! -e /etc/systemd/zram-generator.conf || -s /etc/systemd/zram-generator.conf ) ]]; then
    echo "swap in memory comes back at boot: zram-generator"
    return 1
  fi
  echo "swap is off"
}

# no_zram: an empty file here overrides the distribution's, as zram-generator's manual says. One that was there is kept.
no_zram() {
  local file=/etc/systemd/zram-generator.conf
  if [[ ! -e $file ]]; then
    installed $file
  elif [[ -s $file && ! -e $file.before-kprov ]]; then
    cp -p $file $file.before-kprov
  fi
  write_file $file 644 </dev/null
}

apply() {
  local units=() unit service line table
  # Asked before swapoff: partitions that systemd found by itself have a unit only while they are on.
  mapfile -t units < <(systemctl list-units --type=swap --all --plain --no-legend | awk '$2 != "masked" {print $1}')
  if swap_at_boot; then
    [[ -e /etc/fstab.before-kprov ]] || cp -p /etc/fstab /etc/fstab.before-kprov
    table=$(awk '!/^[ \t]*#/ && $3 == "swap" {print "# kprov: " $0; next} {print}' /etc/fstab)
    write_file /etc/fstab 644 <<< "$table"
    systemctl daemon-reload
  fi
  for service in zramswap zram-config dphys-swapfile; do
    [[ ! -e /etc/systemd/system/multi-user.target.wants/$service.service ]] || systemctl disable --now "$service"
  done
  [[ ! -e /usr/lib/systemd/system-generators/zram-generator ]] || no_zram
  swapoff -a
  # bash before 4.4 takes an empty array for an unset variable.
  for unit in ${units[@]+"${units[@]}"}; do
    [[ ! -e /etc/systemd/system/$unit ]] || continue # a unit file by hand: masking it would delete nothing but confuse
    systemctl mask --now "$unit"
    installed "/etc/systemd/system/$unit"
  done
}
