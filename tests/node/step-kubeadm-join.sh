# shellcheck shell=bash disable=SC2034,SC2154
# The token's file is private and gone afterwards, also when kubeadm fails; somebody else's node is left alone. What
# the join waits for is said while it waits.
step kubeadm-join
double flock ''
double curl 'exit 22'
double kubeadm "echo \"\$*\" >> '$work/kubeadm'; [[ \$1 != join ]] || stat -c %a /etc/kubernetes/kprov-discovery.conf >> '$work/kubeadm'; exit \$(cat '$work/exit')"
CONFIG='criSocket: /run/x.sock' PKI='' SERVICES=containerd
DISCOVERY=$'server: https://10.0.0.10:6443\ntoken: secret-token'
echo 1 > "$work/exit"
fails 'kubelet.conf is missing'
do_apply
[[ $answer != 0 && ! -e /etc/kubernetes/kprov-discovery.conf && ! -e /etc/kubernetes/kprov/join-done ]]
same "$(< "$work/kubeadm")" $'join --config /etc/kubernetes/kprov/kubeadm.yaml\n600'
[[ $log != *secret-token* ]]
echo 0 > "$work/exit"
mkdir -p /var/lib/kubelet
echo x > /var/lib/kubelet/config.yaml
do_apply
same "$answer" 0
same "$(sed -n 3p "$work/kubeadm")" 'reset -f --cri-socket /run/x.sock'
[[ -e /etc/kubernetes/kprov/join-done ]]
rm "$work/kubeadm" /etc/kubernetes/kprov/join-done
echo 'server: https://10.9.9.9:6443' > /etc/kubernetes/kubelet.conf
do_apply
[[ $answer != 0 && $log == *'belongs to the cluster at https://10.9.9.9:6443'* && ! -e $work/kubeadm ]]
rm /etc/kubernetes/kubelet.conf
double sleep ''
double curl "echo x >> '$work/asked'; [[ \$(grep -c . '$work/asked') -lt 3 ]] || exit 22; printf '\"type\":\"Ready\",\"status\":\"True\"'"
do_apply
same "$answer" 0
same "$(< "$work/waits")" "waits the cluster has not noticed yet that $(< /proc/sys/kernel/hostname) is gone, which takes 40 s"
