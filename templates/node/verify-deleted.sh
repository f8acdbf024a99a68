# shellcheck shell=bash
# Proves that what this verification made is gone: the namespace, and with it all pods and services in it.
# Deletes only a namespace that carries kprov's label.
# Needs NAMESPACE. Runs on the first control plane, at the end, whatever happened before.

check() {
  local fields seen rest
  fields='{.status.phase}|{.status.conditions[?(@.type=="NamespaceContentRemaining")].message}'
  seen=$(kubectl --request-timeout=5s get namespace "$NAMESPACE" --ignore-not-found -o jsonpath="$fields")
  rest=${seen#*|}
  if [ -n "$seen" ]; then
    echo "namespace $NAMESPACE is still ${seen%%|*}${rest:+: $rest}"
    return 1
  fi
  echo "namespace $NAMESPACE and all in it are gone"
} 2>&1

apply() {
  local ours running fields='{.items[*].status.containerStatuses[*].state.running.startedAt}'
  ours=$(kubectl get namespace -l app.kubernetes.io/managed-by=kprov \
    --field-selector "metadata.name=$NAMESPACE" -o name)
  if [ -z "$ours" ]; then
    echo "namespace $NAMESPACE was not made by kprov and is left alone"
    return 1
  fi
  # First the namespace: from now on nothing is made in it, and Kubernetes waits 5 s before it looks into it.
  kubectl delete "$ours" --wait=false
  kubectl -n "$NAMESPACE" delete pods --all --wait=false
  # A kubelet before 1.22 may keep the record of a pod that has stopped until it next collects garbage, up to a minute
  # later. So pods are waited for, and what remains is only their record, unless their node is gone.
  for _ in {1..16}; do
    running=$(kubectl -n "$NAMESPACE" get pods -o jsonpath="$fields")
    [ -n "$running" ] || break
    sleep 0.5
  done
  kubectl -n "$NAMESPACE" delete pods --all --force --grace-period=0 --wait=false
}
