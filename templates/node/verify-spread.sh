# shellcheck shell=bash
# Proves that the pods of the Deployment are spread: on as many nodes as there are pods, or on all that take pods
# where those are fewer. The manifest asks the scheduler for it.
# Needs NAMESPACE, WORKERS: names of the nodes that take pods. Publishes pod-addresses: words "node/pod/address".
# Runs on the first control plane.

check() {
  local seen pods takers wanted used where
  local fields='{.metadata.deletionTimestamp}|{.spec.nodeName}/{.metadata.name}/{.status.podIP}{"\n"}'
  seen=$(kubectl --request-timeout=5s -n "$NAMESPACE" get pods -l app=web -o jsonpath="{range .items[*]}$fields{end}")
  seen=$(sed -n 's/^|//p' <<<"$seen" | sort) # Without those that are being deleted.
  # As numbers: some write spaces before them.
  pods=$(($(wc -w <<<"$seen")))
  takers=$(($(wc -w <<<"$WORKERS")))
  wanted=$((pods < takers ? pods : takers))
  where=$(cut -d/ -f1 <<<"$seen" | uniq -c | awk '{printf "%s%d on %s", sep, $1, $2; sep = ", "}')
  used=$(cut -d/ -f1 <<<"$seen" | uniq | grep -c . || true)
  if [ "$pods" = 0 ] || [ "$used" -lt "$wanted" ]; then
    echo "$pods pods on $used of $takers nodes: ${where:-none}"
    return 1
  fi
  publish pod-addresses "${seen//$'\n'/ }"
  echo "$pods pods: $where"
} 2>&1
