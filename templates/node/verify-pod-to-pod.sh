# shellcheck shell=bash
# Proves that pods reach each other across nodes: every pod of the DaemonSet asks each of the others (where there are
# more than eight nodes, the next three) for its name.
# Needs NAMESPACE, PROBES: words "node/pod/address". Goes through kubectl.

check() {
  local probes=() from to step at=0 count=0 failed said
  read -r -a probes <<<"${PROBES:?}"
  failed=$(
    for from in "${probes[@]}"; do
      at=$((at + 1))
      for ((step = 0; step < ${#probes[@]} - 1 && (${#probes[@]} <= 8 || step < 3); step++)); do
        ask "$from" "${probes[(at + step) % ${#probes[@]}]}" &
      done
    done
    wait
  )
  count=$((${#probes[@]} * (${#probes[@]} - 1)))
  if [ "$count" = 0 ]; then skip "there is only one node"; fi
  if [ -n "$failed" ]; then
    echo "$failed"
    said=$(head -n 1 <<<"$failed")
    echo "$(grep -c . <<<"$failed") of the ways between pods fail: $said"
    return 1
  fi
  echo "pods on ${#probes[@]} nodes reach each other"
} 2>&1

# ask FROM TO: prints why the pod FROM does not get the name of the pod TO.
ask() {
  local from=() to=() said
  IFS=/ read -r -a from <<<"$1"
  IFS=/ read -r -a to <<<"$2"
  said=$(from_pod "${from[1]}" "${from[2]}" "/to/${to[2]}/name") || true
  [ "$said" = "${to[1]}" ] || echo "from ${from[0]} to ${to[0]} (${to[2]}): ${said:-no answer}"
}
