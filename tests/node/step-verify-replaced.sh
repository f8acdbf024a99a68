# shellcheck shell=bash disable=SC2016,SC2034,SC2154,SC2317
# The pods of a node that has stopped count as replaced when all of them are Ready elsewhere, and the old ones given up.
step verify-replaced
NAMESPACE=kprov-verify-1 NODE=w2-k8s

# kubectl as it answers with these pods, lines "deleted|name|node|Ready".
cluster() {
  printf '%s\n' "$@" > "$work/seen"
  double kubectl "cat '$work/seen'"
}
cluster '|a|w2-k8s|False' '|b|w2-k8s|False'
fails '0 of 2 pods are Ready on other nodes: a still belongs to w2-k8s, b still belongs to w2-k8s'
cluster '2026-11-25T00:00:00Z|a|w2-k8s|False' '2026-11-25T00:00:00Z|b|w2-k8s|False' '|c|w1-k8s|True' '|d|w1-k8s|False'
fails '1 of 2 pods are Ready on other nodes: a is given up, b is given up'
cluster '2026-11-25T00:00:00Z|a|w2-k8s|False' '2026-11-25T00:00:00Z|b|w2-k8s|False' '|c|w1-k8s|True' '|d|w1-k8s|True'
holds '2 pods Ready: c on w1-k8s, d on w1-k8s'
cluster '|c|w1-k8s|True' '|d|m-k8s|True'
holds '2 pods Ready: c on w1-k8s, d on m-k8s'

step verify-noticed
double kubectl "printf 'True|KubeletReady'"
fails 'w2-k8s is off and still counts as Ready'
double kubectl "printf 'Unknown|NodeStatusUnknown'"
holds 'Ready of w2-k8s is Unknown: NodeStatusUnknown'

# A host that is not kprov's stays on; it starts its kubelet by itself should nobody else.
step verify-kubelet-stopped
SECONDS_OFF=300
kubelet_healthy() { return "$(cat "$work/sick" 2>/dev/null || echo 0)"; }
double systemd-run "echo \"systemd-run \$*\" >> '$work/calls'"
do_apply
same "$answer" 0
same "$(calls)" 'systemctl stop kprov-kubelet-again.timer
systemctl reset-failed kprov-kubelet-again.service
systemd-run --unit=kprov-kubelet-again --on-active=300 systemctl start kubelet
systemctl stop kubelet'
fails 'the kubelet still answers'
echo 1 > "$work/sick"
holds 'this host starts it again in 5 minutes at the latest'

step verify-kubelet-started
fails 'does not answer'
rm "$work/calls"
do_apply
same "$(calls)" 'systemctl start kubelet
systemctl stop kprov-kubelet-again.timer'
echo 0 > "$work/sick"
holds 'the kubelet answers'

step verify-resident
IMAGE=nginx SECONDS_AWAY=5
cluster 'True w2-k8s' 'True w2-k8s'
holds '2 of 2 pods on w2-k8s, Ready'
cluster 'True w1-k8s' 'True w2-k8s'
holds '1 of 2 pods on w2-k8s, Ready'
cluster 'True w1-k8s' 'True w1-k8s'
fails 'none of the 2 pods is on w2-k8s, which they prefer'
cluster 'False w2-k8s' 'True w2-k8s'
fails '1 of 2 pods are Ready'
