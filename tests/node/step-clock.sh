# shellcheck shell=bash disable=SC2034,SC2154,SC2317
# A clock that is behind the hardware's is set to it.
step clock
if [[ -r /sys/class/rtc/rtc0/since_epoch ]]; then
  holds "s from the hardware's clock"
  # The clock as it stopped an hour ago, until somebody sets it. This computer's own is never set.
  # shellcheck disable=SC2016
  double date "
if [[ \$1 == --utc ]]; then echo \"\$*\" > '$work/set'; exit; fi
if [[ -e '$work/set' ]]; then cat /sys/class/rtc/rtc0/since_epoch; else echo \$((\$(</sys/class/rtc/rtc0/since_epoch) - 3600)); fi"
  fails "-3600 s from the hardware's clock"
  do_apply
  same "$answer" 0
  [[ $(< "$work/set") == '--utc --set @'* ]]
  holds "0 s from the hardware's clock"
else
  holds 'no clock of its own'
fi
