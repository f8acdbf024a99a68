# shellcheck shell=bash
# Proves that a Deployment makes its pods and that they become available.
# Needs NAMESPACE, MANIFEST: the Deployment `web` as YAML. Runs on the first control plane.

check() {
  local deployment wanted available message
  deployment=$(kubectl --request-timeout=5s -n "$NAMESPACE" get deployment web -o jsonpath='{.spec.replicas}|{.status.availableReplicas}|{.status.conditions[?(@.status=="False")].message}')
  IFS='|' read -r wanted available message <<<"$deployment"
  if [ "${available:-0}" != "$wanted" ]; then
    echo "${available:-0} of $wanted available${message:+: $message}; $(pods)"
    return 1
  fi
  echo "web: $available of $wanted available"
} 2>&1

apply() {
  kubectl -n "$NAMESPACE" apply -f - <<<"$MANIFEST"
}

# Each pod that is not ready with the reason.
pods() {
  local name ready reason message seen=''
  while IFS='|' read -r name ready reason message; do
    [ "$ready" != True ] && [ -n "$name" ] || continue
    seen+=", $name ${reason:-not Ready}${message:+: $message}"
  done <<<"$(kubectl --request-timeout=5s -n "$NAMESPACE" get pods -l app=web -o jsonpath='{range .items[*]}{.metadata.name}|{.status.conditions[?(@.type=="Ready")].status}|{.status.containerStatuses[0].state.waiting.reason}|{.status.containerStatuses[0].state.waiting.message}{.status.conditions[?(@.type=="PodScheduled")].message}{"\n"}{end}')"
  seen=${seen:-, no pod is waiting}
  echo "${seen#, }"
}
