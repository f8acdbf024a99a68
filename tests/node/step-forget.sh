# shellcheck shell=bash disable=SC2034,SC2154,SC2016,SC2317
# What belongs to a cluster goes, also where its programs are broken; another cluster's node stays as it is. The doubles
# stand before every program, so no pod of this computer's own can be ended.
step forget
RUNTIME=containerd API=''
double find '[[ $1 == /sys/* ]] || exec /usr/bin/find "$@"'
double kill 'echo "killed" >&2; exit 1'
double umount "echo \"umount \$*\" >> '$work/calls'"
double ip6tables ''
double ipset ''
double nft ''
double docker "echo \"docker \$*\" >> '$work/calls'; [[ \$1 != ps ]] || echo c1"
double ctr "echo \"ctr \$*\" >> '$work/calls'; [[ \$4 != ls ]] || echo c1"
double crictl "echo \"crictl \$*\" >> '$work/calls'; [[ \$3 != pods ]] || echo p1; exit \$(cat '$work/crictl-status')"
holds 'nothing of a cluster is on this node'
cluster() {
  mkdir -p /etc/kubernetes/{pki/etcd,manifests,kprov} /var/lib/etcd/member/wal /var/lib/kubelet/pods /etc/cni/net.d /var/lib/cni/networks
  touch /etc/kubernetes/{admin.conf,audit.yaml,pki/ca.crt,pki/etcd/ca.key,manifests/etcd.yaml,kprov/init-done} \
    /var/lib/kubelet/config.yaml /var/lib/cni/networks/172.16.0.2 /etc/cni/net.d/{10-kprov,10-calico,50-own}.conflist
  echo 'server: https://10.0.0.10:6443' > /etc/kubernetes/kubelet.conf
  rm -f "$work/calls"
}
gone() {
  fails '/etc/kubernetes/admin.conf is of a cluster'
  do_apply
  same "$answer" 0
  holds 'nothing of a cluster is on this node'
  # What somebody else put there stays.
  same "$(cd / && ls -A etc/kubernetes var/lib/kubelet var/lib/etcd etc/cni/net.d)" \
    $'etc/cni/net.d:\n50-own.conflist\n\netc/kubernetes:\naudit.yaml\n\nvar/lib/etcd:\n\nvar/lib/kubelet:'
  [[ ! -e /var/lib/cni ]]
}
runtime_calls() { calls | grep -E '^(crictl|ctr|docker|systemctl (re)?start)'; }
cluster
echo 0 > "$work/crictl-status"
gone
same "$(runtime_calls)" 'systemctl start containerd
crictl -r unix:///run/containerd/containerd.sock pods -q
crictl -r unix:///run/containerd/containerd.sock stopp p1
crictl -r unix:///run/containerd/containerd.sock rmp p1'
same "$(calls | head -n 1)" 'systemctl stop kubelet kprov-give-addresses kprov-hold-addresses'

# A runtime that does not let go of its pods loses them all the same, and forgets them by a restart.
cluster
echo 1 > "$work/crictl-status"
gone
same "$(runtime_calls | tail -n 5)" 'ctr -n k8s.io tasks ls -q
ctr -n k8s.io tasks rm -f c1
ctr -n k8s.io containers ls -q
ctr -n k8s.io containers rm c1
systemctl restart containerd'

cluster
RUNTIME=docker
gone
same "$(runtime_calls)" 'systemctl start docker
docker ps --all --quiet --filter name=^/k8s_
docker rm --force --volumes c1'

# A host that was there before and belongs to another cluster by now is none of ours.
cluster
API=https://10.9.9.9:6443
do_apply
[[ $answer != 0 && $log == *'belongs to the cluster at https://10.0.0.10:6443'* && -e /var/lib/etcd/member && ! -e $work/calls ]]
API=https://10.0.0.10:6443
gone
