# shellcheck shell=bash
# Proves that a CronJob is taken, in whatever version of its API this Kubernetes has.
# Needs NAMESPACE, IMAGE. Goes through kubectl.

check() {
  local seen
  seen=$(kubectl --request-timeout=5s -n "$NAMESPACE" get cronjob tick -o jsonpath='{.apiVersion} {.spec.schedule}')
  if [ "${seen#* }" != '*/30 * * * *' ]; then
    echo "the CronJob tick has the schedule '${seen#* }'"
    return 1
  fi
  echo "taken as ${seen%% *}"
} 2>&1

apply() {
  kubectl -n "$NAMESPACE" create cronjob tick "--image=$IMAGE" '--schedule=*/30 * * * *' -- nginx -v
}
