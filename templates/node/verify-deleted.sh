# shellcheck shell=bash
# Proves that what this verification made is gone: the namespace, and with it all pods and services in it.
# Deletes only a namespace that carries kprov's label.
# Needs NAMESPACE. Runs on the first control plane, at the end, whatever happened before.

check() {
  local seen
  seen=$(kubectl --request-timeout=5s get namespace "$NAMESPACE" --ignore-not-found -o jsonpath='{.status.phase}|{.status.conditions[?(@.status=="True")].message}')
  if [ -n "$seen" ]; then
    echo "namespace $NAMESPACE is ${seen%%|*}: ${seen#*|}"
    return 1
  fi
  echo "namespace $NAMESPACE and all in it are gone"
} 2>&1

apply() {
  kubectl delete namespace -l app.kubernetes.io/managed-by=kprov --field-selector "metadata.name=$NAMESPACE" --wait=false
}
