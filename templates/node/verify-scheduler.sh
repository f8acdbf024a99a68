# shellcheck shell=bash
# Proves that the scheduler (it assigns pods to nodes) is healthy on this node and that one of its
# kind holds the lease and has renewed it lately: of several only the holder works.
# Needs nothing. Runs on every control plane.

check() {
  local health lease holder renewed age
  if ! health=$(curl -sS -k -m 3 --noproxy '*' https://127.0.0.1:10259/healthz); then
    [ -e /etc/kubernetes/manifests/kube-scheduler.yaml ] ||
      echo "nothing answers, and /etc/kubernetes/manifests/kube-scheduler.yaml is missing"
    return 1
  fi
  if [ "$health" != ok ]; then
    echo "https://127.0.0.1:10259/healthz says: $(tail -n 1 <<<"$health")"
    return 1
  fi
  lease=$(kubectl --request-timeout=5s -n kube-system get lease kube-scheduler -o jsonpath='{.spec.holderIdentity} {.spec.renewTime}')
  read -r holder renewed <<<"$lease"
  if [ -z "$renewed" ]; then
    echo "healthy, but nobody holds the lease kube-scheduler"
    return 1
  fi
  # A holder renews every few seconds and loses the lease after 15; the rest is for clocks that differ.
  age=$(($(date +%s) - $(date -d "$renewed" +%s)))
  if [ "$age" -gt 30 ]; then
    echo "healthy, but ${holder%%_*} renewed the lease kube-scheduler $age s ago"
    return 1
  fi
  echo "healthy; ${holder%%_*} leads"
} 2>&1
