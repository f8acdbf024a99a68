# shellcheck shell=bash disable=SC2016,SC2034,SC2154,SC2317
# Metrics are asked for where metrics-server has registered its API.
step verify-metrics

# kubectl as it answers with this APIService, and this from `top`.
cluster() {
  double kubectl "case \"\$*\" in
  *'get apiservice v1beta1.metrics.k8s.io'*) printf '$1' ;;
  *'top nodes'*) $2 ;;
  *'get nodes'*) printf 'm-k8s w1-k8s' ;;
  *) exit 9 ;;
esac"
}

cluster '' 'exit 1'
ask
skips 'metrics-server does not run here'
cluster apiservice.apiregistration.k8s.io/v1beta1.metrics.k8s.io 'printf "m-k8s 120m 6%%%% 900Mi 48%%%%\nw1-k8s 40m 4%%%% 300Mi 31%%%%\n"'
holds 'metrics of 2 nodes'
cluster apiservice.apiregistration.k8s.io/v1beta1.metrics.k8s.io 'echo "error: metrics not available yet" >&2; exit 1'
fails 'metrics not available yet'
# A node that metrics-server does not hear of: kubectl shows it as unknown, or not at all.
cluster apiservice.apiregistration.k8s.io/v1beta1.metrics.k8s.io 'printf "m-k8s 120m 6%%%% 900Mi 48%%%%\nw1-k8s <unknown> <unknown> <unknown> <unknown>\n"'
fails 'there are no metrics of w1-k8s'
cluster apiservice.apiregistration.k8s.io/v1beta1.metrics.k8s.io 'printf "m-k8s 120m 6%%%% 900Mi 48%%%%\n"'
fails 'there are no metrics of w1-k8s'
