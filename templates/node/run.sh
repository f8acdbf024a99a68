# shellcheck shell=bash
# Walks over the steps of one exec. In front of it stand lib.sh, a function `step_N` for each step that
# exports its variables and defines `check` and `apply`, and a call of `walk` with one word for each step:
#
#   N:MODE:PATIENCE    N     the step's number
#                      MODE  free   check; if false, apply and check again
#                            wait   check until true; there is nothing to apply
#                            hold   check; if false, stop: something outside is needed first
#                            now    apply, then check: what was needed is there, a payload on file descriptor 3
#                            make   apply, then check: of a check's own things there is nothing yet
#                            look   check and go on whatever it says (a dry run)
#                      PATIENCE  seconds for which a check may stay false
#
# What it says are lines that begin with the character RS (octal 036): event, number, reason. All other lines
# are the output of the steps. It ends with the first step that does not hold.
# bash turns `set -e` off inside a function that is called in a condition, and in every subshell of it: so check
# and apply are called plainly, all the way up, and what came of them is left in `status`.

say() { printf '\036%s\t%s\t%s\n' "$@"; }

# publish NAME VALUE: gives the workstation a value.
publish() { printf '\036fact\t%s\t%s\n' "$1" "$(printf %s "$2" | base64 | tr -d '\n')" >&4; }

# likely NUMBER...: says which of a check's causes, by their numbers in the messages, the evidence speaks for.
likely() { printf '\036likely\t%s\t\n' "$*" >&4; }

# waits REASON: says why an apply goes on without doing anything.
waits() { printf '\036waiting\t%s\t%s\n' "$KPROV_STEP" "$*" >&4; }

# skip REASON: says why a check cannot be made here; the last word of its check or apply.
skip() {
  echo "$*" > "$KPROV_TMP/why"
  exit 77
}

# look N: checks once; sets `status`, and `reason` to the last line that the check prints.
look() {
  reason=$(
    exec 2>&1
    "step_$1"
    set -euo pipefail
    check </dev/null
  )
  status=$?
  reason=${reason##*$'\n'}
}

# poll N PATIENCE: checks until it holds or patience ends; says why it waits whenever that changes.
poll() {
  local deadline=$((SECONDS + $2)) said=
  look "$1"
  while [ "$status" -ne 0 ] && [ "$status" -ne 77 ] && [ "$SECONDS" -lt "$deadline" ]; do
    if [ "$reason" != "$said" ]; then
      said=$reason
      say waiting "$1" "$reason"
    fi
    sleep 0.2
    forget_files
    look "$1"
  done
}

# change N PATIENCE: applies, then checks.
change() {
  say applying "$1" "$reason"
  forget_files
  KPROV_STEP=$1
  (
    exec 0<&3
    "step_$1"
    set -euo pipefail
    apply
  )
  status=$?
  case $status in
    0) ;;
    77)
      tell "$1" ''
      return
      ;;
    *)
      say failed "$1" "$status"
      return
      ;;
  esac
  poll "$1" "$2"
  tell "$1" changed
}

# tell N WORD: how a step ended that was checked; WORD if it holds.
tell() {
  case $status in
    0) say "$2" "$1" "$reason" ;;
    77) say skipped "$1" "$(<"$KPROV_TMP/why")" ;;
    *) say unmet "$1" "$reason" ;;
  esac
}

# walk WORD...: the steps in order; ends at the first that does not hold.
walk() {
  local word number mode patience
  [ -n "${KPROV_LOCAL:-}" ] || [ $# -lt 2 ] || see_files
  for word; do
    IFS=: read -r number mode patience <<<"$word"
    reason='' status=0
    [ "$mode" = now ] || say start "$number" ''
    case $mode in
      now | make) change "$number" "$patience" ;;
      wait)
        poll "$number" "$patience"
        tell "$number" unchanged
        ;;
      *)
        look "$number"
        case $status:$mode in
          0:*) say unchanged "$number" "$reason" ;;
          *:look)
            say pending "$number" "$reason"
            status=0
            ;;
          *:hold) say needs "$number" "$reason" ;;
          *) change "$number" "$patience" ;;
        esac
        ;;
    esac
    [ "$status" -eq 0 ] || return 0
  done
}

# Steps one after another on this node: what an earlier run left behind (its connection was lost while a step
# went on) ends first. Facts and checks of `verify` do not change the node and come without KPROV_LOCK.
lock() {
  [ -n "${KPROV_LOCK:-}" ] || return 0
  exec 9>/run/kprov.lock
  flock -n 9 || {
    say waiting "$1" 'an earlier run of kprov is still at work on this node'
    flock -w 600 9 || {
      echo 'an earlier run of kprov has been at work on this node for 10 minutes'
      say failed "$1" 1
      exit 0
    }
  }
}

# Without a folder of its own, steps would write into that of the system.
KPROV_TMP=$(mktemp -d) || exit
export KPROV_TMP
trap 'rm -rf "$KPROV_TMP"' EXIT
exec 4>&1
