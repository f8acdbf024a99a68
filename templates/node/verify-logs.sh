# shellcheck shell=bash
# Proves that the API server gets a pod's log from its node.
# Needs NAMESPACE. Goes through kubectl.

check() {
  local said
  if ! said=$(kubectl --request-timeout=8s -n "$NAMESPACE" logs nginx --tail=5 2>&1); then
    tail -n 1 <<<"$said"
    return 1
  fi
  if [ -z "$said" ]; then
    echo "the log of the pod nginx is empty"
    return 1
  fi
  echo "the last line of the pod nginx: $(tail -n 1 <<<"$said" | cut -c 1-60)"
} 2>&1
