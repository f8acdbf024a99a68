# shellcheck shell=bash
# Proves that every node that should take pods does: it is not cordoned and has no taint that keeps pods away.
# Needs TAKERS: words, the names of those nodes. Goes through kubectl.

check() {
  local seen name cordoned taints closed='' ok=0
  seen=$(kubectl --request-timeout=5s get nodes -o jsonpath='{range .items[*]}{.metadata.name}|{.spec.unschedulable}|{range .spec.taints[?(@.effect!="PreferNoSchedule")]}{.key}:{.effect} {end}{"\n"}{end}')
  while IFS='|' read -r name cordoned taints; do
    [[ " $TAKERS " == *" $name "* ]] || continue
    taints=${taints// /, }
    if [ "$cordoned" = true ]; then
      closed+="; $name is cordoned (SchedulingDisabled)"
      likely 1
    elif [ -n "$taints" ]; then
      closed+="; $name has the taint ${taints%, }"
      case $taints in
        node.kubernetes.io/*) likely 3 ;;
        *) likely 2 ;;
      esac
    else
      ok=$((ok + 1))
    fi
  done <<<"$seen"
  if [ -n "$closed" ]; then
    echo "${closed#; }"
    return 1
  fi
  echo "$ok nodes take pods"
} 2>&1
