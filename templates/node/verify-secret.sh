# shellcheck shell=bash
# Proves that a pod gets the values of a Secret as files: nginx serves one of them, which is not worth a secret.
# Needs NAMESPACE, RUN, ADDRESS: the address of the pod settings. Goes through kubectl.

check() {
  local said
  said=$(from_pod settings "$ADDRESS" /secret/word) || true
  if [ "$said" != "psst $RUN" ]; then
    echo "the pod has '$said' instead of what the Secret holds"
    return 1
  fi
  echo "the pod has the Secret's value in a file"
} 2>&1
