# shellcheck shell=bash disable=SC2034,SC2154
# A half-finished init is continued: damaged files go, just the leftovers that exist are ignored, nothing is reset.
step kubeadm-init
mkdir -p /etc/kubernetes/{manifests,pki/etcd} /var/lib/etcd/member
cd /etc/kubernetes || exit
echo x > pki/ca.crt; echo x > pki/ca.key; echo x > pki/sa.key; echo x > pki/sa.pub; echo x > pki/apiserver.key
: > controller-manager.conf
echo x > manifests/etcd.yaml
double flock ''
double kubeadm "echo \"\$*\" > '$work/kubeadm'"
double systemctl '[[ $* != *is-active* ]]'
CONFIG='kind: InitConfiguration' ADDRESS=127.0.0.1 SERVICES=containerd
fails 'admin.conf is missing'
do_apply
same "$answer" 0
same "$(< "$work/kubeadm")" 'init --config /etc/kubernetes/kprov/kubeadm.yaml --skip-token-print --ignore-preflight-errors=FileAvailable--etc-kubernetes-manifests-etcd.yaml,DirAvailable--var-lib-etcd,Port-6443,Port-10259,Port-10257,Port-10251,Port-10252,Port-2379,Port-2380'
[[ ! -e controller-manager.conf && ! -e pki/apiserver.key && -e pki/sa.key && -e pki/ca.key && -e kprov/init-done ]]
same "$(stat -c %a kprov/kubeadm.yaml)" 600
[[ ! -e kprov/opened ]]
# What `kubectl delete all --all -A` takes along comes back, and nothing else is done.
for file in admin.conf kubelet.conf controller-manager.conf scheduler.conf manifests/kube-{apiserver,controller-manager,scheduler}.yaml; do echo x > "$file"; done
double curl "[[ \$* != *daemonsets* ]] || cat '$work/statuses'"
echo '200 404 200 ' > "$work/statuses"
fails 'kube-proxy or coredns was deleted'
do_apply
same "$answer" 0
same "$(< "$work/kubeadm")" 'init phase addon all --config /etc/kubernetes/kprov/kubeadm.yaml'
[[ $(calls) != *restart* ]]
echo '200 200 200 ' > "$work/statuses"
holds 'is ready'
# Data of etcd without its certificates belongs to some other cluster.
rm kprov/init-done pki/ca.crt "$work/kubeadm"
do_apply
[[ $answer != 0 && $log == *'kprov reset'* && ! -e $work/kubeadm ]]
# A control plane that begins without its taint is noted: that is kprov's doing.
rm -r /var/lib/etcd/member
CONFIG=$'kind: InitConfiguration\nnodeRegistration:\n  taints: [] # There is no worker'
do_apply
same "$answer" 0
[[ -e kprov/opened ]]
