# shellcheck shell=bash
# Proves that the pods of the Deployment are spread: on as many nodes as there are pods, or on all that take pods
# where those are fewer. (The manifest asks the scheduler for it; left alone it only tends to.)
# Needs NAMESPACE, WORKERS: names of the nodes that take pods. Publishes pod-addresses: words "node/pod/address".
# Runs on the first control plane.

check() {
  local seen pods=0 workers=0 wanted used line where
  seen=$(kubectl --request-timeout=5s -n "$NAMESPACE" get pods -l app=web -o jsonpath='{range .items[*]}{.metadata.deletionTimestamp}|{.spec.nodeName}/{.metadata.name}/{.status.podIP}{"\n"}{end}')
  seen=$(sed -n 's/^|//p' <<<"$seen" | sort) # Without those that are being deleted.
  for line in $seen; do pods=$((pods + 1)); done
  for line in $WORKERS; do workers=$((workers + 1)); done
  wanted=$((pods < workers ? pods : workers))
  where=$(cut -d/ -f1 <<<"$seen" | uniq -c | awk '{printf "%s%d on %s", sep, $1, $2; sep = ", "}')
  used=$(cut -d/ -f1 <<<"$seen" | uniq | grep -c . || true)
  if [ "$pods" = 0 ] || [ "$used" -lt "$wanted" ]; then
    echo "$pods pods on $used of $workers nodes: ${where:-none}"
    return 1
  fi
  publish pod-addresses "${seen//$'\n'/ }"
  echo "$pods pods: $where"
} 2>&1
