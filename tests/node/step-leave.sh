# shellcheck shell=bash disable=SC2034,SC2154
# A node that is Ready is drained before it goes, one that is not has nobody who would say that its pods have ended; a
# cluster that does not answer is no failure, and a control plane does not go.
step leave
NODE=w1
double kubectl "echo \"\$*\" >> '$work/asked'; case \"\$*\" in
  *' get node '*) cat '$work/ready'; exit \$(cat '$work/status') ;;
  drain*) exit 1 ;;
  *' delete node '*) : > '$work/ready' ;;
esac"
echo 0 > "$work/status"
: > "$work/ready"
holds 'the cluster has no node w1'
printf True. > "$work/ready"
fails 'w1 is a node of the cluster'
do_apply
same "$answer" 0
[[ $log == *'not all pods could be moved'* ]]
same "$(grep -c '^drain w1 ' "$work/asked")" 1
holds 'the cluster has no node w1'

printf Unknown. > "$work/ready"
: > "$work/asked"
do_apply
same "$answer" 0
same "$(grep -c '^drain w1 ' "$work/asked")" 0
holds 'the cluster has no node w1'

printf 'True. {"node-role.kubernetes.io/control-plane":""}' > "$work/ready"
: > "$work/asked"
do_apply
[[ $answer == 1 && $log == *'w1 is a control plane, which does not leave by itself' ]]
same "$(grep -Ec '^drain| delete ' "$work/asked")" 0

echo 1 > "$work/status"
echo 'The connection to the server 10.0.0.10:6443 was refused' > "$work/ready"
fails 'the cluster cannot be asked: The connection'
: > "$work/asked"
do_apply
skips 'the cluster cannot be asked: The connection to the server 10.0.0.10:6443 was refused'
same "$(grep -vc ' get node ' "$work/asked")" 0
