# shellcheck shell=bash
# Proves that no node says that it runs out of disk, memory or process numbers: such a node evicts its pods.
# Needs nothing. Goes through kubectl.

check() {
  local seen pressed
  seen=$(kubectl --request-timeout=5s get nodes -o jsonpath='{range .items[*]}{.metadata.name}{range .status.conditions[?(@.status=="True")]} {.type}{end}{"\n"}{end}')
  pressed=$(awk '{for (i = 2; i <= NF; i++) if ($i != "Ready") {printf "%s%s: %s", sep, $1, $i; sep = "; "}}' <<<"$seen")
  if [ -n "$pressed" ]; then
    case $pressed in
      *Disk*) likely 1 ;;
      *Memory*) likely 2 ;;
      *PID*) likely 3 ;;
    esac
    echo "${pressed#; }"
    return 1
  fi
  echo "no node is short of disk, memory or process numbers"
} 2>&1
