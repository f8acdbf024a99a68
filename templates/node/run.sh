# shellcheck shell=bash
# Walks over the steps of one exec. In front of it stand lib.sh, a function `step_N` for each step that
# exports its variables and defines `check` and `apply`, and a call of `walk` with one word for each step:
#
#   N:MODE:PATIENCE    N     the step's number
#                      MODE  free   check; if false, apply and check again
#                            wait   check until true; there is nothing to apply
#                            hold   check; if false, stop: something outside is needed first
#                            now    apply, then check: what was needed is there, a payload on file descriptor 3
#                            look   check and go on whatever it says (a dry run)
#                      PATIENCE  seconds for which a check may stay false
#
# What it says are lines that begin with the character RS (octal 036): event, number, reason. All other lines
# are the output of the steps. It ends with the first step that does not hold.
# bash turns `set -e` off inside a function that is called in a condition, hence the plain calls below.

say() { printf '\036%s\t%s\t%s\n' "$@"; }

# publish NAME VALUE: gives the workstation a value.
publish() { printf '\036fact\t%s\t%s\n' "$1" "$(printf %s "$2" | base64 -w0)" >&4; }

# try_check N: sets `reason` to the last line that the check prints, returns its status.
try_check() {
  reason=$(
    exec 2>&1
    "step_$1"
    set -euo pipefail
    check </dev/null
  )
  local status=$?
  reason=${reason##*$'\n'}
  return $status
}

# poll N PATIENCE: checks until it holds; says why it waits whenever that changes.
poll() {
  local deadline=$((SECONDS + $2)) said=
  while :; do
    try_check "$1"
    [ $? -ne 0 ] || return 0
    [ "$SECONDS" -lt "$deadline" ] || return 1
    if [ "$reason" != "$said" ]; then
      said=$reason
      say waiting "$1" "$reason"
    fi
    sleep 0.2
  done
}

apply_and_check() {
  local status
  say applying "$1" "$reason"
  (
    exec 0<&3
    "step_$1"
    set -euo pipefail
    apply
  )
  status=$?
  if [ $status -ne 0 ]; then
    say failed "$1" "$status"
    return 1
  fi
  if poll "$1" "$2"; then say changed "$1" "$reason"; else
    say unmet "$1" "$reason"
    return 1
  fi
}

walk() {
  local word number mode patience
  for word; do
    IFS=: read -r number mode patience <<<"$word"
    reason=
    case $mode in
      now) apply_and_check "$number" "$patience" || return 0 ;;
      wait)
        say start "$number" ''
        if poll "$number" "$patience"; then say unchanged "$number" "$reason"; else
          say unmet "$number" "$reason"
          return 0
        fi
        ;;
      *)
        say start "$number" ''
        try_check "$number"
        case $?:$mode in
          0:*) say unchanged "$number" "$reason" ;;
          *:look) say pending "$number" "$reason" ;;
          *:hold)
            say needs "$number" "$reason"
            return 0
            ;;
          *) apply_and_check "$number" "$patience" || return 0 ;;
        esac
        ;;
    esac
  done
}

# Steps one after another on this node: what an earlier run left behind (its connection was lost while a step
# went on) ends first. Facts and checks of `verify` do not change the node and come without KPROV_LOCK.
lock() {
  [ -n "${KPROV_LOCK:-}" ] || return 0
  exec 9>/run/kprov.lock
  flock -n 9 || {
    say waiting "$1" 'an earlier run of kprov is still at work on this node'
    flock -w 600 9
  }
}

KPROV_TMP=$(mktemp -d)
export KPROV_TMP
trap 'rm -rf "$KPROV_TMP"' EXIT
exec 4>&1
