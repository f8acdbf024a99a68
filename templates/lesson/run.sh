# shellcheck shell=bash
# A command of the lesson as a student types it: without a namespace, since the lesson's own is kubectl's current one.
# Needs ACTION: make, type or remove; NAMESPACE; and to type: COMMAND.
set -u
exec </dev/null 2>&1
cd /
# Of a cluster that kprov did not make, this runs on the user's own computer, with its own programs.
export LC_ALL=C KUBECONFIG=${KPROV_KUBECONFIG:-/etc/kubernetes/admin.conf}
[ -n "${KPROV_LOCAL:-}" ] || export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root

case $ACTION in
  make)
    kubectl create namespace "$NAMESPACE" || exit
    # By these labels `kprov verify` finds what a killed lesson left behind.
    kubectl label namespace "$NAMESPACE" app.kubernetes.io/managed-by=kprov "kprov.io/verify=$NAMESPACE" || exit
    ;;
  remove)
    kubectl delete namespace "$NAMESPACE" --wait=false --ignore-not-found
    exit
    ;;
  type)
    # The kubeconfig holds the administrator's key: a copy for the owner only, gone when the command has ended.
    umask 077
    own=$(mktemp -d) || exit
    trap 'rm -rf "$own"' EXIT
    # Not a plain copy: a kubeconfig may name files beside it.
    kubectl config view --flatten --minify --raw >"$own/config" || exit
    export KUBECONFIG=$own/config
    kubectl config set-context --current --namespace="$NAMESPACE" >"$own/said" || exit
    umask 022
    if [ -n "$(type -P timeout)" ]; then
      timeout 120 bash -c "$COMMAND"
    else
      bash -c "$COMMAND"
    fi
    exit
    ;;
esac
# A pod cannot be made before its namespace has a service account.
for _ in {1..50}; do
  kubectl -n "$NAMESPACE" get serviceaccount default >/dev/null 2>&1 && exit 0
  sleep 0.2
done
echo "the namespace $NAMESPACE has no service account"
exit 1
