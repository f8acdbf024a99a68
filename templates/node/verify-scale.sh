# shellcheck shell=bash
# Proves that the Deployment can be scaled: as many pods as asked for, all of them Ready.
# Needs NAMESPACE, REPLICAS. Runs on the first control plane.

check() {
  local counts seen wanted made ready available
  counts=$(kubectl --request-timeout=5s -n "$NAMESPACE" get deployment web -o jsonpath='{.spec.replicas}|{.status.replicas}|{.status.readyReplicas}|{.status.availableReplicas}')
  IFS='|' read -r wanted made ready available <<<"$counts"
  if [ "$wanted/$made/$ready/$available" != "$REPLICAS/$REPLICAS/$REPLICAS/$REPLICAS" ]; then
    seen="web asks for $wanted, has ${made:-0} pods, ${ready:-0} Ready"
    [ "$wanted" != "$REPLICAS" ] || seen+="; $(waiting)"
    echo "$seen"
    return 1
  fi
  echo "$ready of $REPLICAS pods Ready"
} 2>&1

apply() {
  kubectl -n "$NAMESPACE" scale deployment web --replicas="$REPLICAS"
}

# Each pod that is not ready with the reason.
waiting() {
  local name ready reason message seen=''
  while IFS='|' read -r name ready reason message; do
    [ "$ready" != True ] && [ -n "$name" ] || continue
    seen+=", $name ${reason:-not Ready}${message:+: $message}"
  done <<<"$(kubectl --request-timeout=5s -n "$NAMESPACE" get pods -l app=web -o jsonpath='{range .items[*]}{.metadata.name}|{.status.conditions[?(@.type=="Ready")].status}|{.status.containerStatuses[0].state.waiting.reason}|{.status.containerStatuses[0].state.waiting.message}{.status.conditions[?(@.type=="PodScheduled")].message}{"\n"}{end}')"
  seen=${seen:-, no pod is waiting}
  echo "${seen#, }"
}
