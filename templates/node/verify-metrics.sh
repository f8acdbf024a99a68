# shellcheck shell=bash
# Proves that metrics-server, where it runs, knows what nodes use.
# Needs nothing. Goes through kubectl.

check() {
  local said
  if [ -z "$(kubectl --request-timeout=5s get apiservice v1beta1.metrics.k8s.io --ignore-not-found -o name)" ]; then
    skip "metrics-server does not run here"
  fi
  if ! said=$(kubectl --request-timeout=8s top nodes --no-headers 2>&1); then
    tail -n 1 <<<"$said"
    return 1
  fi
  echo "metrics of $(grep -c . <<<"$said") nodes"
} 2>&1
