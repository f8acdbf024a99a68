# shellcheck shell=bash
# Proves that the API server on this node (or the one that the kubeconfig names) is ready by its own account, with every check behind that.
# Needs ADDRESS: this node's own address, or nothing. Runs on every control plane.

check() {
  local ready names hooks overload=''
  if ! ready=$(kubectl --request-timeout=5s ${ADDRESS:+--server="https://$ADDRESS:6443"} get --raw '/readyz?verbose' 2>&1); then
    # Elsewhere the load is another computer's.
    [ -z "$ADDRESS" ] || overload
    if [ -n "$ADDRESS" ] && [ ! -e /etc/kubernetes/manifests/kube-apiserver.yaml ]; then
      echo "the API server does not answer: /etc/kubernetes/manifests/kube-apiserver.yaml is missing"
    elif [[ $ready == *'[-]'* ]]; then
      likely 2
      echo "not ready: $(grep -o '\[-\][^ ]*' <<<"$ready" | sed 's/^\[-\]//' | paste -sd ' ' -)${overload:+; $overload}"
    else
      echo "$(tail -n 1 <<<"$ready")${overload:+; $overload}"
    fi
    return 1
  fi
  names=$(sed -n 's/^\[+\]\([^ ]*\) .*/\1/p' <<<"$ready")
  # What has to be done after its start are two dozen.
  hooks=$(grep -c '^poststarthook/' <<<"$names") || true
  names=$(grep -v '^poststarthook/' <<<"$names" | paste -sd ' ' -)
  echo "${ADDRESS:+https://$ADDRESS:6443}/readyz: ${names:+${names// /, }, }$hooks poststarthooks ok"
}
