# shellcheck shell=bash
# Proves that what is written is kept: a value goes through the API server into etcd and comes back from there.
# Needs NAMESPACE, RUN: a value that no other run has. Goes through kubectl.

check() {
  local seen
  seen=$(kubectl --request-timeout=5s -n "$NAMESPACE" get configmap written -o jsonpath='{.data.value}|{.metadata.resourceVersion}')
  if [ "${seen%%|*}" != "$RUN" ]; then
    echo "written is '${seen%%|*}', not '$RUN'"
    return 1
  fi
  echo "a value was written and read back, version ${seen#*|}"
} 2>&1

apply() {
  kubectl --request-timeout=10s -n "$NAMESPACE" create configmap written --from-literal="value=$RUN" --dry-run=client -o json |
    kubectl --request-timeout=10s -n "$NAMESPACE" apply -f -
}
