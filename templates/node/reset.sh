# shellcheck shell=bash
# Guarantees: nothing of Kubernetes or kprov is left on a host that was there before: no node, no unit, setting, route,
# rule or program of ours. containerd or Docker stays with the configuration that it had before, if it was there before.
# Needs: NAME (the host name stays what it is), RUNTIME (containerd or docker), SOCKET (where the CRI is served, as
# kubeadm takes it).

our_files=(/etc/kubernetes /var/lib/kubelet /var/lib/etcd /etc/cni/net.d/10-kprov.conflist /usr/local/lib/kprov
  /etc/cni/net.d/10-flannel.conflist /etc/cni/net.d/10-calico.conflist /etc/cni/net.d/calico-kubeconfig
  /etc/systemd/system/kubelet.service /etc/systemd/system/kubelet.service.d /etc/systemd/system/kprov-pod-network.service
  /etc/systemd/system/kprov-give-addresses.service /etc/systemd/system/kprov-hold-addresses.service
  /etc/systemd/system/kprov-local-registry.socket /etc/systemd/system/kprov-local-registry@.service
  /etc/systemd/networkd.conf.d/90-kprov.conf /etc/NetworkManager/conf.d/90-kprov.conf /etc/modules-load.d/kprov.conf /etc/sysctl.d/90-kprov.conf
  /etc/systemd/system/cri-docker.service /etc/systemd/system/cri-docker.socket /var/lib/cri-dockerd /var/lib/dockershim
  /etc/cloud/cloud.cfg.d/99-kprov.cfg /etc/containerd/config.toml.before-kprov /etc/docker/daemon.json.before-kprov
  /etc/fstab.before-kprov /etc/systemd/zram-generator.conf.before-kprov)

check() {
  local path text
  for path in "${our_files[@]}" "${kprov_state:?}"; do
    if [[ -e $path ]]; then
      echo "$path is left"
      return 1
    fi
  done
  read_file /etc/hosts || true
  if [[ $'\n'$text == *$'\n# kprov begin\n'* ]]; then
    echo "kprov's block in /etc/hosts is left"
    return 1
  fi
  if [[ -d /sys/class/net/cni0 ]]; then
    echo "the bridge cni0 is left"
    return 1
  fi
  echo "nothing of kubernetes or kprov is left on $NAME"
}

apply() {
  local path text unit
  for unit in kubelet kprov-give-addresses kprov-hold-addresses kprov-local-registry.socket; do
    systemctl disable --now $unit 2>/dev/null || true
  done
  # What kprov masked or installed, then its state last: a kill before that repeats all of this.
  [[ -z $(type -P kubeadm) ]] || kubeadm reset -f --cri-socket "$SOCKET" || echo "kubeadm reset failed, going on"
  if [[ -n $(type -P ctr) ]] && systemctl -q is-active containerd; then
    remove_containers || echo "containers could not be removed"
    ctr -n k8s.io images ls -q | xargs -r ctr -n k8s.io images rm >/dev/null || true
  fi
  if [[ $RUNTIME == docker && -n $(type -P docker) ]] && systemctl -q is-active docker; then
    remove_docker_containers || echo "docker's containers could not be removed"
  fi
  systemctl disable --now cri-docker.service cri-docker.socket 2>/dev/null || true
  remove_networks
  text=$(sed '/^# kprov begin$/,/^# kprov end$/d' /etc/hosts)
  write_file /etc/hosts 644 <<< "$text"
  restore_containerd
  restore_docker
  if [[ -e /etc/fstab.before-kprov ]]; then
    text=$(sed 's/^# kprov: //' /etc/fstab)
    write_file /etc/fstab 644 <<< "$text"
  fi
  [[ ! -e /etc/systemd/zram-generator.conf.before-kprov ]] \
    || mv -f /etc/systemd/zram-generator.conf.before-kprov /etc/systemd/zram-generator.conf
  read_file "$kprov_state/installed" || true
  while read -r path; do
    [[ -z $path ]] || rm -f "$path"
    # kubectl's folder, with what it keeps of the cluster's answers.
    if [[ $path == */.kube/config ]]; then
      rm -rf "${path%/*}/cache"
      rmdir --ignore-fail-on-non-empty "${path%/*}" 2>/dev/null || true
    fi
  done <<< "$text"
  # Without kubeadm nothing has unmounted the pods' volumes, whose content is not ours; the kubelet mounts its folder on itself.
  awk '$2 ~ "^/var/lib/kubelet(/|$)" {print $2}' /proc/mounts | sort -r | xargs -r umount
  rm -rf "${our_files[@]}" /var/lib/cni /run/flannel
  # A restored setting counts from the next boot on: other programs of this host may rely on forwarding.
  systemctl daemon-reload
  # What runs may be kprov's containerd still, whose files are gone: the distribution's takes its place, if there is one.
  if [[ $'\n'$text == *$'\n/usr/local/bin/containerd\n'* ]]; then
    systemctl try-restart containerd || systemctl stop containerd || true
  fi
  rm -rf "${kprov_state:?}"
}

remove_docker_containers() {
  local text which=(--filter name=^/k8s_) # as dockershim and cri-dockerd call theirs
  # Of kprov's own Docker nothing stays, and what runs would outlive it.
  [[ ! -e $kprov_state/archives/docker ]] || which=()
  docker ps --all --quiet ${which[@]+"${which[@]}"} | xargs -r docker rm --force --volumes >/dev/null
  read_file "$kprov_state/docker-images" || true
  xargs -r docker rmi --force <<< "$text" >/dev/null
}

# restore_docker: one that is kprov's goes with all that it kept, which is Kubernetes' alone.
restore_docker() {
  local original=/etc/docker/daemon.json.before-kprov
  [[ -e $kprov_state/docker-config ]] || return 0
  if [[ -e $original ]]; then
    mv -f $original /etc/docker/daemon.json
  else
    rm -f /etc/docker/daemon.json
  fi
  ! grep -qsE '^image-endpoint: unix:///(var/)?run/(dockershim|cri-dockerd)\.sock$' /etc/crictl.yaml || rm -f /etc/crictl.yaml
  rm -f /run/dockershim.sock
  if [[ -e $kprov_state/archives/docker ]]; then
    systemctl disable --now docker 2>/dev/null || true
    awk '$2 ~ "^/(run|var/lib)/docker/" {print $2}' /proc/mounts | sort -r | xargs -r umount
    rm -rf /var/lib/docker /run/docker /etc/docker/key.json
    [[ ! -d /etc/docker ]] || rmdir --ignore-fail-on-non-empty /etc/docker
    [[ ! -d /sys/class/net/docker0 ]] || ip link delete docker0
    # Not the chains DOCKER_…: by those a container node's own host answers its questions for names.
    remove_rules iptables 'DOCKER(-[^ ]*)?' docker0
    remove_rules ip6tables 'DOCKER(-[^ ]*)?' docker0
  elif systemctl -q is-active docker; then
    systemctl restart docker
  fi
}

restore_containerd() {
  local original=/etc/containerd/config.toml.before-kprov mine
  mine=$(head -n 1 /etc/containerd/config.toml 2>/dev/null) || true
  if [[ -e $original ]]; then
    mv -f $original /etc/containerd/config.toml
  elif [[ $mine == '# Written by kprov'* ]]; then
    rm -f /etc/containerd/config.toml
  fi
  if [[ -e /etc/containerd/certs.d/_default/hosts.toml ]] && grep -q '^# Written by kprov' /etc/containerd/certs.d/_default/hosts.toml; then
    rm -rf /etc/containerd/certs.d/_default
  fi
  # Only ours has the form below; crictl itself falls back to its defaults.
  ! grep -qs '^image-endpoint: unix:///run/containerd/containerd.sock$' /etc/crictl.yaml || rm -f /etc/crictl.yaml
  ! systemctl -q is-active containerd || systemctl restart containerd
}
