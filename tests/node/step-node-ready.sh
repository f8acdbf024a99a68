# shellcheck shell=bash disable=SC2034,SC2154
# A node is Ready by the word of the kubelet that runs now, not of the one before a restart.
step node-ready
SERVICES=containerd NAME=w1 ADDRESS=10.0.0.11 API=https://10.0.0.10:6443
kubelet_healthy() { return "$(cat "$work/sick" 2>/dev/null || echo 0)"; }
fails 'no client certificate yet'
mkdir -p /var/lib/kubelet/pki
touch /var/lib/kubelet/pki/kubelet-client-current.pem
double curl "cat '$work/answer'"

# started SECONDS: the kubelet, which is this shell, was started that long ago.
process_of() { pid=$$; }
touch "$work/stat"
mount --bind "$work/stat" /proc/$$/stat
started() {
  read -r now _ < /proc/uptime
  echo "$$ (kube let) S 1 1 1 0 -1 4194560 9 0 0 0 1 2 0 0 20 0 14 0 $(((${now%.*} - $1) * 100)) 1 1" > "$work/stat"
}
# known READY SECONDS: what the cluster has of the node, which it heard of that long ago.
known() {
  cat > "$work/answer" <<JSON
{"kind":"Node","status":{"conditions":[{"type":"Ready","status":"$1","lastHeartbeatTime":"$(date -u -d "-$2 seconds" +%FT%TZ)","lastTransitionTime":"2026-01-01T00:00:00Z","reason":"Kubelet","message":"runtime status check may not have completed yet"}],"addresses":[{"type":"InternalIP","address":"10.0.0.11"}]}}
200
JSON
}

started 5
known True 30
fails 'w1 was ready, and its kubelet has not been heard since it started'
known False 2
fails 'not ready: runtime status check may not have completed yet'
known True 2
holds 'w1 is ready at 10.0.0.11'
# One that has nothing new to say is heard every 5 minutes only.
started 400
known True 290
holds 'w1 is ready at 10.0.0.11'
ADDRESS=10.0.0.12
fails 'w1 is not at 10.0.0.12'
echo 1 > "$work/sick"
fails 'the kubelet is not healthy'

# A node that was off is back on the same word, and nothing is done for it.
step verify-rejoined
unset -f apply
ADDRESS=10.0.0.11
fails 'the kubelet is not healthy'
echo 0 > "$work/sick"
started 5
known True 30
fails 'its kubelet has not been heard since it started'
known True 2
holds 'w1 is ready at 10.0.0.11'
step node-ready

# An API server that is too busy is no stranger's.
double curl "printf '\n000'; exit \$(cat '$work/ended')"
echo 28 > "$work/ended"
fails 'https://10.0.0.10:6443 has not answered this node within 5 s'
echo 60 > "$work/ended"
fails 'does not answer this node, or with a certificate of another cluster'
double curl "cat '$work/answer'"

# A node object that is gone comes back by a restart, except of a kubelet that is about to register.
printf 'x\n404\n' > "$work/answer"
started 5
do_apply
same "$answer" 0
[[ $(calls) != *restart* ]]
started 20
do_apply
[[ $(calls) == *'restart kubelet'* ]]
