# shellcheck shell=bash
# Guarantees: the node's clock shows what its hardware's does, which the machine's host keeps right: a machine that slept
# or went back to a snapshot does not know that. Needs: nothing.

# ahead: prints by how many seconds the clock is ahead of the hardware's; nothing where there is no such.
ahead() {
  local hardware
  [[ -r /sys/class/rtc/rtc0/since_epoch ]] || return 0
  read -r hardware < /sys/class/rtc/rtc0/since_epoch
  echo $(($(date +%s) - hardware))
}

check() {
  local seconds
  seconds=$(ahead)
  if [[ -z $seconds ]]; then
    echo "no clock of its own"
    return
  fi
  echo "$seconds s from the hardware's clock"
  # Both show whole seconds.
  ((seconds <= 2 && seconds >= -2))
}

apply() {
  local hardware
  read -r hardware < /sys/class/rtc/rtc0/since_epoch
  date --utc --set "@$hardware" > /dev/null
}
