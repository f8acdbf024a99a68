# shellcheck shell=bash
# Proves that metrics-server, where it runs, knows what every node uses.
# Needs nothing. Goes through kubectl.

check() {
  local said name names missing='' count=0
  if [ -z "$(kubectl --request-timeout=5s get apiservice v1beta1.metrics.k8s.io --ignore-not-found -o name)" ]; then
    skip "metrics-server does not run here"
  fi
  if ! said=$(kubectl --request-timeout=8s top nodes --no-headers 2>&1); then
    tail -n 1 <<<"$said"
    return 1
  fi
  names=$(kubectl --request-timeout=5s get nodes -o jsonpath='{.items[*].metadata.name}')
  for name in $names; do
    count=$((count + 1))
    # A node that it has not heard of has <unknown> here, or no line.
    grep -qE "^$name +[0-9]" <<<"$said" || missing+=" $name"
  done
  if [ -n "$missing" ]; then
    echo "there are no metrics of ${missing# }"
    return 1
  fi
  echo "metrics of $count nodes"
} 2>&1
