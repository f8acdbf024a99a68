# shellcheck shell=bash
# Says every few seconds that the verification whose namespace this is goes on, so that another one, perhaps of another
# computer, does not take it for one that was killed.
# Needs NAMESPACE; EVERY: seconds between two words. Runs beside the checks where they run, until nobody listens any more.
exec </dev/null 2>&1
cd /
# Of a cluster that kprov did not make, this runs on the user's own computer, with its own programs.
export LC_ALL=C KUBECONFIG=${KPROV_KUBECONFIG:-/etc/kubernetes/admin.conf}
[ -n "${KPROV_LOCAL:-}" ] || export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root

# A line to a kprov that has gone ends this.
while sleep "$EVERY" && echo; do
  # At first there is no namespace yet, and an API server may be away for a moment.
  kubectl --request-timeout=10s annotate --overwrite namespace "$NAMESPACE" "kprov.io/alive=$(date +%s)" >/dev/null 2>&1 || true
done
