# shellcheck shell=bash
# Proves that a pod of a StatefulSet comes back under its own name when it is deleted.
# Needs NAMESPACE. Goes through kubectl.

check() {
  local seen before uid ready
  kubectl -n "$NAMESPACE" wait --for=condition=Ready pod/db-0 --timeout=2s >/dev/null 2>&1 || true
  before=$(kubectl --request-timeout=5s -n "$NAMESPACE" get statefulset db -o jsonpath='{.metadata.annotations.kprov\.io/deleted}')
  seen=$(kubectl --request-timeout=5s -n "$NAMESPACE" get pod db-0 --ignore-not-found \
    -o jsonpath='{.metadata.uid} {.status.conditions[?(@.type=="Ready")].status}')
  read -r uid ready <<<"$seen"
  if [ -z "$uid" ] || [ "$uid" = "$before" ] || [ "$ready" != True ]; then
    echo "db-0 was deleted and is not back yet"
    return 1
  fi
  echo "another pod has the name db-0"
} 2>&1

apply() {
  local uid seen
  uid=$(kubectl -n "$NAMESPACE" get pod db-0 -o jsonpath='{.metadata.uid}')
  kubectl -n "$NAMESPACE" annotate --overwrite statefulset db "kprov.io/deleted=$uid"
  kubectl -n "$NAMESPACE" delete pod db-0 --wait=false
  # A kubelet before 1.22 may keep the record of a pod that has stopped until it next collects garbage, up to a minute
  # later, and as long nobody else gets the name. So a pod that has stopped is waited for, its record is not.
  for _ in {1..16}; do
    seen=$(kubectl --request-timeout=5s -n "$NAMESPACE" get pod db-0 --ignore-not-found \
      -o jsonpath='{.metadata.uid}|{.status.containerStatuses[*].state.running.startedAt}')
    [ "${seen%%|*}" = "$uid" ] || return 0
    sleep 0.5
  done
  [ -n "${seen#*|}" ] || kubectl -n "$NAMESPACE" delete pod db-0 --force --grace-period=0 --wait=false
}
