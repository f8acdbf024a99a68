# shellcheck shell=bash disable=SC2034,SC2154
# Control planes take pods as long as there is no worker; what kprov took away for that comes back with the workers,
# and what somebody else took away does not.
step taint
TAINTS='node-role.kubernetes.io/master node-role.kubernetes.io/control-plane' ADDRESS=127.0.0.1
double curl "[[ \$* == *-sf* ]] || exit 2; case \$* in *labelSelector=%21*) cat '$work/workers' ;; */nodes*) cat '$work/planes' ;; esac"
double kubectl "echo \"\$*\" >> '$work/taints'; exit \$(cat '$work/ended')"
tainted='{"items":[{"spec":{"taints":[{"key":"node-role.kubernetes.io/master","effect":"NoSchedule"}]}}]}'
none='{"items":[]}'
echo "$tainted" > "$work/planes"
echo '{"items":[{"metadata":{"name":"w1-k8s"}}]}' > "$work/workers"
note=/etc/kubernetes/kprov/opened

# As kubeadm made it, or as somebody has it who wants pods there: neither is kprov's.
WORKERS=yes
holds 'workers take pods'
echo '{"items":[{"spec":{}}]}' > "$work/planes"
holds 'workers take pods'
[[ ! -e $note ]]

# The last worker goes.
WORKERS=no
holds 'control planes take pods, as there is no worker'
[[ ! -e $note ]]
echo "$tainted" > "$work/planes"
fails 'no node takes pods'
# A taint that is not there is no failure.
echo 1 > "$work/ended"
do_apply
same "$answer" 0
[[ -e $note ]]
same "$(< "$work/taints")" '--request-timeout=30s taint nodes -l node-role.kubernetes.io/control-plane node-role.kubernetes.io/master:NoSchedule-
--request-timeout=30s taint nodes -l node-role.kubernetes.io/control-plane node-role.kubernetes.io/control-plane:NoSchedule-'
echo '{"items":[{"spec":{}}]}' > "$work/planes"
holds 'control planes take pods, as there is no worker'

# Workers come back; until one is there, pods need a place.
WORKERS=yes
cp "$work/workers" "$work/joined"
echo "$none" > "$work/workers"
holds 'until a worker has joined'
mv "$work/joined" "$work/workers"
fails 'though there are workers'
# The note goes only with what it says.
: > "$work/taints"
do_apply
[[ $answer != 0 && -e $note ]]
echo 0 > "$work/ended"
: > "$work/taints"
do_apply
same "$answer" 0
same "$(< "$work/taints")" '--request-timeout=30s taint nodes -l node-role.kubernetes.io/control-plane --overwrite node-role.kubernetes.io/master:NoSchedule node-role.kubernetes.io/control-plane:NoSchedule'
holds 'workers take pods'
