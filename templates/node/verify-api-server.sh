# shellcheck shell=bash
# Proves that the API server on this node is ready by its own account, with every check behind that.
# Needs ADDRESS: this node's own address. Runs on every control plane.

check() {
  local ready
  if ! ready=$(kubectl --request-timeout=5s --server="https://$ADDRESS:6443" get --raw '/readyz?verbose' 2>&1); then
    if [ ! -e /etc/kubernetes/manifests/kube-apiserver.yaml ]; then
      echo "nothing answers, and /etc/kubernetes/manifests/kube-apiserver.yaml is missing"
    elif [[ $ready == *'[-]'* ]]; then
      echo "not ready: $(grep -o '\[-\][^ ]*' <<<"$ready" | tr -d '[]-' | paste -sd ' ')"
    else
      tail -n 1 <<<"$ready"
    fi
    return 1
  fi
  echo "https://$ADDRESS:6443/readyz: $(grep -c '^\[+\]' <<<"$ready") checks ok"
}
