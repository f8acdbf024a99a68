# shellcheck shell=bash
# Makes the namespace of this verification and proves that pods can be made in it (its service account is there).
# Notes when that was and which others there were: at the end this tells who goes on beside this one and who was killed.
# Needs NAMESPACE, RUN: the name of this run, a label value; KEPT: yes if it stays, or no. Goes through kubectl.

check() {
  local seen
  seen=$(kubectl --request-timeout=5s get namespace "$NAMESPACE" -o jsonpath='{.metadata.labels.kprov\.io/verify} {.status.phase}')
  if [ "$seen" != "$RUN Active" ]; then
    echo "there is no namespace $NAMESPACE of this run"
    return 1
  fi
  kubectl --request-timeout=5s -n "$NAMESPACE" get serviceaccount default -o name >/dev/null
  echo "$NAMESPACE"
} 2>&1

apply() {
  local others
  others=$(other_runs)
  others=${others//$'\n'/ }
  kubectl create -f - <<YAML
apiVersion: v1
kind: Namespace
metadata:
  name: $NAMESPACE
  labels:
    app.kubernetes.io/managed-by: kprov
    kprov.io/verify: "$RUN"
    kprov.io/kept: "$KEPT"
  annotations:
    kprov.io/others: "$(date +%s) $others"
YAML
}
