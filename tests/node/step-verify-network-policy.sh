# shellcheck shell=bash disable=SC2016,SC2034,SC2154,SC2317
# A NetworkPolicy is tried where the pod network knows it, and a request that comes through all the same is found.
step verify-network-policy
NAMESPACE=kprov-verify-1 IMAGE=nginx PROBES='w1-k8s/probe-a/172.16.1.2 w2-k8s/probe-b/172.16.2.2'

# kubectl as it answers in a cluster with these DaemonSets, whose pod closed is in this state.
cluster() {
  double kubectl "case \"\$*\" in
  *'get daemonsets'*) printf '$1\\n' ;;
  *' wait '*) ;;
  *'get pod closed'*) printf '$2' ;;
  *' apply '*) cat >> '$work/applied' ;;
  *) exit 9 ;;
esac"
}
# curl as it answers for the probe itself and for what the probe passes on.
answers() {
  double curl "case \"\$*\" in
  */name) echo probe-a ;;
  */to/172.16.1.9/) $1 ;;
  *) echo 'curl: (7) Failed to connect'; exit 7 ;;
esac"
}

cluster 'kube-proxy' ''
do_apply
skips 'does not know NetworkPolicy'

cluster 'kube-proxy\ncalico-node' 'Running|True|172.16.1.9|w1-k8s||'
# Only a pod that answers without a policy shows what a policy does.
answers 'echo "curl: (22) The requested URL returned error: 504"; exit 22'
do_apply
same "$answer" 0
fails 'did not answer before there was a NetworkPolicy: The requested URL returned error: 504'
rm "$work/applied"
answers 'echo "Welcome to nginx!"'
do_apply
same "$answer" 0
[[ $(< "$work/applied") == *'readinessProbe'*'policyTypes: [Ingress]'* ]]
answers 'echo "curl: (22) The requested URL returned error: 504"; exit 22'
holds 'answered, and gets no requests since there is a NetworkPolicy: The requested URL returned error: 504'
answers 'echo "Welcome to nginx!"'
fails 'still reaches 172.16.1.9, although a NetworkPolicy forbids it'
# A probe that is silent itself proves nothing.
double curl 'echo "curl: (28) Operation timed out"; exit 28'
fails 'does not answer itself'
cluster 'cilium' 'Pending||||ContainerCreating|'
fails 'pod closed is Pending, not Ready'
