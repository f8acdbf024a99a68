# shellcheck shell=bash
# Prints: a kubeconfig with the cluster's CA and a join token made for this run, valid for 15 minutes. Secret.
# For a control plane. Needs: API (https://host:6443, as the joining nodes reach it).

fact() {
  local token ca
  token=$(kubeadm token create --kubeconfig /etc/kubernetes/admin.conf --ttl 15m --description 'kprov up')
  ca=$(base64 -w 0 /etc/kubernetes/pki/ca.crt)
  cat << CONF
apiVersion: v1
kind: Config
clusters:
- name: kprov
  cluster:
    server: $API
    certificate-authority-data: $ca
users:
- name: kprov
  user:
    token: $token
contexts:
- name: kprov
  context:
    cluster: kprov
    user: kprov
current-context: kprov
CONF
}
