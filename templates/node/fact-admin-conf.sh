# shellcheck shell=bash
# Prints: the administrator's kubeconfig. Secret. For a control plane. Needs: nothing.

fact() {
  cat /etc/kubernetes/admin.conf
}
