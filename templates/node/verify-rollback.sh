# shellcheck shell=bash
# Proves that the change can be taken back: the Deployment has its first image again, in every pod.
# Needs NAMESPACE, IMAGE: the image that it had at first. Goes through kubectl.

check() {
  local fields seen wanted now updated available generation observed revision
  kubectl -n "$NAMESPACE" rollout status deployment web --timeout=5s >/dev/null 2>&1 || true
  fields='{.spec.replicas}|{.spec.template.spec.containers[0].image}|{.status.updatedReplicas}|{.status.availableReplicas}'
  fields+='|{.metadata.generation}|{.status.observedGeneration}|{.metadata.annotations.deployment\.kubernetes\.io/revision}'
  seen=$(kubectl --request-timeout=5s -n "$NAMESPACE" get deployment web -o jsonpath="$fields")
  IFS='|' read -r wanted now updated available generation observed revision <<<"$seen"
  if [ "$now" != "$IMAGE" ]; then
    echo "web has still the image $now"
    return 1
  fi
  if [ "$generation/$updated/$available" != "$observed/$wanted/$wanted" ]; then
    echo "${updated:-0} of $wanted pods have $now again, ${available:-0} are available"
    return 1
  fi
  echo "$wanted pods have $now again, revision $revision"
} 2>&1

apply() {
  kubectl -n "$NAMESPACE" rollout undo deployment web
}
