# shellcheck shell=bash
# Proves that a Job runs its pod to its end.
# Needs NAMESPACE, IMAGE. Goes through kubectl.

check() {
  local seen active failed
  kubectl -n "$NAMESPACE" wait --for=condition=Complete job/once --timeout=3s >/dev/null 2>&1 || true
  seen=$(kubectl --request-timeout=5s -n "$NAMESPACE" get job once -o jsonpath='{.status.succeeded}|{.status.active}|{.status.failed}')
  if [ "${seen%%|*}" != 1 ]; then
    IFS='|' read -r _ active failed <<<"$seen"
    echo "the Job once is not complete: ${active:-0} active, ${failed:-0} failed"
    return 1
  fi
  echo "the Job once is complete"
} 2>&1

apply() {
  kubectl -n "$NAMESPACE" create job once "--image=$IMAGE" --dry-run=client -o json -- nginx -v |
    sed 's/"image": "[^"]*",/&"imagePullPolicy": "IfNotPresent",/' |
    kubectl -n "$NAMESPACE" apply -f -
}
