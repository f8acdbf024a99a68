# shellcheck shell=bash
# Proves that the API server checks rights: the service account of an ordinary pod, whom it knows, may not read secrets.
# Needs NAMESPACE. Goes through kubectl.

check() {
  local user=system:serviceaccount:$NAMESPACE:default said
  if said=$(kubectl --request-timeout=5s --as="$user" -n kube-system get secrets -o name 2>&1); then
    likely 1
    echo "$user reads $(grep -c . <<<"$said") secrets of kube-system"
    return 1
  fi
  if [[ $said != *'orbidden'* ]]; then
    likely 2
    echo "$user is not told that it is forbidden: $(tail -n 1 <<<"$said")"
    return 1
  fi
  echo "$user may not read the secrets of kube-system"
} 2>&1
