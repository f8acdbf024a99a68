# shellcheck shell=bash
# Proves that a Deployment makes its pods and that they become available.
# Needs NAMESPACE, MANIFEST: the Deployment `web` as YAML. Runs on the first control plane.

check() {
  local fields deployment wanted available message
  fields='{.spec.replicas}|{.status.availableReplicas}|{.status.conditions[?(@.type=="ReplicaFailure")].message}'
  deployment=$(kubectl --request-timeout=5s -n "$NAMESPACE" get deployment web -o jsonpath="$fields")
  IFS='|' read -r wanted available message <<<"$deployment"
  if [ "${available:-0}" != "$wanted" ]; then
    echo "${available:-0} of $wanted available${message:+: $message}; $(waiting)"
    return 1
  fi
  echo "web: $available of $wanted available"
} 2>&1

apply() {
  kubectl -n "$NAMESPACE" apply -f - <<<"$MANIFEST"
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
