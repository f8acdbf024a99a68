# shellcheck shell=bash
# Proves that a pod runs: nginx is scheduled, its image is there, its container runs and answers its readiness probe.
# Needs NAMESPACE, MANIFEST: the pod `nginx` as YAML. Runs on the first control plane.

check() {
  local pod phase ready ip node reason message
  pod=$(kubectl --request-timeout=5s -n "$NAMESPACE" get pod nginx -o jsonpath='{.status.phase}|{.status.conditions[?(@.type=="Ready")].status}|{.status.podIP}|{.spec.nodeName}|{.status.containerStatuses[0].state.waiting.reason}{.status.containerStatuses[0].state.terminated.reason}|{.status.containerStatuses[0].state.waiting.message}{.status.containerStatuses[0].state.terminated.message}{.status.conditions[?(@.type=="PodScheduled")].message}')
  IFS='|' read -r phase ready ip node reason message <<<"$pod"
  if [ "$phase/$ready" != Running/True ]; then
    [ -n "$reason" ] || reason="$phase, not Ready"
    echo "pod nginx${node:+ on $node}: $reason${message:+: $message}"
    return 1
  fi
  echo "nginx runs on $node at $ip"
} 2>&1

apply() {
  kubectl -n "$NAMESPACE" apply -f - <<<"$MANIFEST"
}
