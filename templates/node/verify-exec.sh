# shellcheck shell=bash
# Proves that a command runs inside of a pod by way of the API server.
# Needs NAMESPACE. Goes through kubectl.

check() {
  local said
  if ! said=$(kubectl --request-timeout=8s -n "$NAMESPACE" exec nginx -- nginx -v 2>&1); then
    tail -n 1 <<<"$said"
    return 1
  fi
  if [[ $said != *nginx/* ]]; then
    echo "nginx -v says: $said"
    return 1
  fi
  echo "nginx -v, inside of the pod: ${said##*: }"
} 2>&1
