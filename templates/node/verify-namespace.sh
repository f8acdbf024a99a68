# shellcheck shell=bash
# Makes the namespace of this verification and proves that pods can be made in it (its service account is there).
# What earlier runs left behind is removed, told by its labels, without waiting for that.
# Needs NAMESPACE, RUN: the name of this run, a label value. Runs on the first control plane.

check() {
  local seen line there='' stale=''
  seen=$(kubectl --request-timeout=5s get namespaces -l app.kubernetes.io/managed-by=kprov,kprov.io/verify -o jsonpath='{range .items[*]}{.metadata.name} {.metadata.labels.kprov\.io/verify} {.status.phase}{"\n"}{end}')
  while read -r line; do
    case $line in
      "$NAMESPACE $RUN Active") there=yes ;;
      *' Active') stale+=" ${line%% *}" ;;
    esac
  done <<<"$seen"
  if [ -z "$there" ]; then
    echo "there is no namespace $NAMESPACE of this run"
    return 1
  fi
  if [ -n "$stale" ]; then
    echo "earlier runs left$stale"
    return 1
  fi
  kubectl --request-timeout=5s -n "$NAMESPACE" get serviceaccount default -o name >/dev/null
  echo "$NAMESPACE"
} 2>&1

apply() {
  kubectl delete namespaces -l "app.kubernetes.io/managed-by=kprov,kprov.io/verify,kprov.io/verify!=$RUN" --wait=false
  # A namespace of that name and another run has to be gone before it can be made again.
  kubectl get namespaces -l "app.kubernetes.io/managed-by=kprov,kprov.io/verify!=$RUN" -o name |
    { ! grep -qx "namespace/$NAMESPACE" || kubectl wait --for=delete "namespace/$NAMESPACE" --timeout=60s; }
  kubectl create -f - <<YAML
apiVersion: v1
kind: Namespace
metadata:
  name: $NAMESPACE
  labels:
    app.kubernetes.io/managed-by: kprov
    kprov.io/verify: "$RUN"
YAML
}
