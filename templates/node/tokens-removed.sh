# shellcheck shell=bash
# Guarantees: no join token that kprov made is left in the cluster; those of others stay. For a control plane.
# Needs: ADDRESS (of this node's API server).

check() {
  local secrets pki=/etc/kubernetes/pki
  if ! secrets=$(curl -sf -m 5 --cacert $pki/ca.crt --cert $pki/apiserver-kubelet-client.crt --key $pki/apiserver-kubelet-client.key \
    "https://$ADDRESS:6443/api/v1/namespaces/kube-system/secrets?pretty=false&fieldSelector=type%3Dbootstrap.kubernetes.io%2Ftoken"); then
    echo "the api server does not list its join tokens"
    return 1
  fi
  # base64 of a text that starts with "kprov".
  if [[ $secrets =~ \"description\":\"a3Byb3[YZab] ]]; then
    echo "a join token made by kprov is left"
    return 1
  fi
  echo "no join token of kprov's is left"
}

apply() {
  local name description
  while read -r name description; do
    [[ $description != a3Byb3[YZab]* ]] || kubectl --kubeconfig /etc/kubernetes/admin.conf -n kube-system delete secret "$name" </dev/null
  done < <(kubectl --kubeconfig /etc/kubernetes/admin.conf -n kube-system get secrets --field-selector type=bootstrap.kubernetes.io/token \
    -o 'jsonpath={range .items[*]}{.metadata.name} {.data.description}{"\n"}{end}' </dev/null)
}
