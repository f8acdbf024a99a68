# shellcheck shell=bash
# Proves that the Deployment can be scaled: as many pods as asked for, all of them Ready.
# Needs NAMESPACE, REPLICAS. Runs on the first control plane.

check() {
  local fields counts seen wanted made ready available
  fields='{.spec.replicas}|{.status.replicas}|{.status.readyReplicas}|{.status.availableReplicas}'
  counts=$(kubectl --request-timeout=5s -n "$NAMESPACE" get deployment web -o jsonpath="$fields")
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

# A pod that is not ready with the reason, and how many more there are.
waiting() {
  local fields name ready reason message first='' more=-1 state='.status.containerStatuses[0].state'
  fields='{.metadata.name}|{.status.conditions[?(@.type=="Ready")].status}'
  fields+="|{$state.waiting.reason}|{$state.waiting.message}"
  fields+='{.status.conditions[?(@.type=="PodScheduled")].message}{"\n"}'
  while IFS='|' read -r name ready reason message; do
    if [ -z "$name" ] || [ "$ready" = True ]; then continue; fi
    more=$((more + 1))
    first=${first:-$name ${reason:-not Ready}${message:+: $message}}
  done <<<"$(kubectl --request-timeout=5s -n "$NAMESPACE" get pods -l app=web \
    -o jsonpath="{range .items[*]}$fields{end}")"
  [ "$more" -lt 1 ] || first+=" (and $more more)"
  echo "${first:-no pod waits}"
}
