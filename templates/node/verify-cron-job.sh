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

# Not `kubectl create`, which knows one version of it only: its own, and not the API server's.
apply() {
  local version=batch/v1
  [[ $(kubectl get --raw /apis/batch/v1) == *'"cronjobs"'* ]] || version=batch/v1beta1
  kubectl -n "$NAMESPACE" apply -f - <<YAML
apiVersion: $version
kind: CronJob
metadata:
  name: tick
spec:
  schedule: '*/30 * * * *'
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: OnFailure
          containers:
            - name: tick
              image: "$IMAGE"
              command: [nginx, -v]
YAML
}
