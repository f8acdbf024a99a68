# shellcheck shell=bash
# Guarantees: nothing of a cluster is on this node and nothing of it runs: no certificate, no data of etcd, no pod, no
# rule or route of a pod network. Programs, images and the system's settings stay, so that the next cluster is made
# quickly. Works also where what the old cluster needs was broken or deleted.
# Needs: RUNTIME (containerd or docker), API (https://host:6443 on a host that was there before, where a node of another
# cluster is left alone; else empty).

kubernetes=/etc/kubernetes

# pod_processes: prints the processes of pods. On cgroup v1 they are below each controller.
pod_processes() {
  find /sys/fs/cgroup/kubepods* /sys/fs/cgroup/*/kubepods* -name cgroup.procs -exec cat {} + 2>/dev/null | sort -u
}

check() {
  local path
  for path in $kubernetes/{admin,kubelet,controller-manager,scheduler}.conf "$kubernetes"/manifests/*.yaml \
    $kubernetes/kprov/{init,join}-done /var/lib/etcd/member /var/lib/kubelet/config.yaml $kubernetes/pki/ca.crt; do
    if [[ -e $path ]]; then
      echo "$path is of a cluster"
      return 1
    fi
  done
  if process_of kubelet kubelet; then
    echo "a kubelet runs"
    return 1
  fi
  if [[ -n $(pod_processes) ]]; then
    echo "pods run"
    return 1
  fi
  echo "nothing of a cluster is on this node"
}

# is_foreign: whether this is a node of another cluster; sets `server` to where that is.
is_foreign() {
  local text
  server=
  read_file $kubernetes/kubelet.conf || return 1
  [[ ! $text =~ server:\ *([^[:space:]]+) ]] || server=${BASH_REMATCH[1]}
  [[ -n $API && -n $server && $server != "$API" ]]
}

# end_pods: kills what runs in pods, whether or not the runtime is there to do it.
end_pods() {
  local processes
  for _ in {1..20}; do
    processes=$(pod_processes) || true
    [[ -n $processes ]] || return 0
    xargs kill -KILL <<< "$processes" 2>/dev/null || true
    sleep 0.1
  done
}

# clear_containerd: by the CRI, which frees what belongs to a pod with it; where that does not answer, all of it by hand.
clear_containerd() {
  local pods path crictl=(crictl -r unix:///run/containerd/containerd.sock)
  systemctl start containerd || return 0
  if pods=$("${crictl[@]}" pods -q) && xargs -r "${crictl[@]}" stopp <<< "$pods" && xargs -r "${crictl[@]}" rmp <<< "$pods"; then return 0; fi
  [[ -n $(type -P ctr) ]] || return 0
  remove_containers
  for path in /run/netns/cni-*; do
    [[ ! -e $path ]] || { umount "$path" 2>/dev/null; rm -f "$path"; }
  done
  awk '$2 ~ "^/run/containerd/io.containerd.grpc.v1.cri/" {print $2}' /proc/mounts | sort -r | xargs -r umount -l
  # It remembers pods whose containers were taken from it.
  systemctl restart containerd
}

clear_docker() {
  systemctl start docker || return 0
  docker ps --all --quiet --filter name=^/k8s_ | xargs -r docker rm --force --volumes >/dev/null
  find /var/lib/dockershim /var/lib/cri-dockerd -mindepth 1 -delete 2>/dev/null || true
}

apply() {
  local server
  if is_foreign; then
    echo "this node belongs to the cluster at $server and not to the one at $API, so it is left as it is"
    return 1
  fi
  # What would start the old pods again goes first.
  systemctl stop kubelet kprov-give-addresses kprov-hold-addresses 2>/dev/null || true
  rm -rf $kubernetes/manifests
  end_pods
  "clear_$RUNTIME" || echo "not all containers could be removed"
  remove_networks
  rm -f /etc/cni/net.d/{05-cilium,10-flannel,10-calico,10-kprov}.conflist /etc/cni/net.d/calico-kubeconfig
  rm -rf /var/lib/cni /run/flannel
  # Pods' volumes, whose content is not ours; the kubelet mounts its folder on itself.
  awk '$2 ~ "^/var/lib/kubelet(/|$)" {print $2}' /proc/mounts | sort -r | xargs -r umount -l
  # These folders may be mounts. Certificates are the last to go: a kill before that repeats all of this.
  find /var/lib/kubelet /var/lib/etcd -mindepth 1 -maxdepth 1 -exec rm -rf {} + 2>/dev/null || true
  rm -rf "$kubernetes"/*.conf $kubernetes/{kprov,tmp}
  rm -rf $kubernetes/pki
}
