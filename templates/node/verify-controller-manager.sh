# shellcheck shell=bash
# Proves that the controller manager (it keeps Deployments, nodes and services as asked for) is healthy on this node
# and that one of its kind holds the lease and has renewed it lately: of several only the holder works.
# Needs nothing. Runs on every control plane.

check() {
  local health lease holder renewed lasts age
  if ! health=$(curl -sS -k -m 3 --noproxy '*' https://127.0.0.1:10257/healthz 2>&1); then
    if [ ! -e /etc/kubernetes/manifests/kube-controller-manager.yaml ]; then
      health='/etc/kubernetes/manifests/kube-controller-manager.yaml is missing'
    fi
    echo "the controller manager does not answer: ${health#curl: ([0-9]*) }"
    return 1
  fi
  if [ "$health" != ok ]; then
    echo "https://127.0.0.1:10257/healthz says: $(tail -n 1 <<<"$health")"
    return 1
  fi
  lease=$(kubectl --request-timeout=5s -n kube-system get lease kube-controller-manager \
    -o jsonpath='{.spec.holderIdentity} {.spec.renewTime} {.spec.leaseDurationSeconds}')
  read -r holder renewed lasts <<<"$lease"
  if [ -z "$renewed" ]; then
    echo "healthy, but nobody holds the lease kube-controller-manager"
    return 1
  fi
  # A holder renews every few seconds and loses the lease when it has lasted; the rest is for clocks that differ.
  age=$(($(date +%s) - $(date -d "$renewed" +%s)))
  if [ "$age" -gt $((${lasts:-15} + 15)) ]; then
    echo "healthy, but ${holder%%_*} renewed the lease kube-controller-manager $age s ago"
    return 1
  fi
  echo "healthy; ${holder%%_*} leads"
} 2>&1
