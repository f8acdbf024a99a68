# shellcheck shell=bash
# Guarantees: no host firewall (firewalld, ufw, the rules that the service iptables loads) drops the cluster's packets,
# and SELinux only warns, now and after a reboot. This is meant for labs: kubeadm's own guide has SELinux permissive, as
# a runtime from a release archive has no policy of the distribution's, and which ports a pod network, a Service or an
# exercise needs is not known beforehand. NetworkManager leaves the interfaces alone that a pod network makes.
# Needs: nothing.

# The services that load a distribution's own rules.
firewalls=(firewalld iptables ip6tables)

# Of the bridge plugin, flannel, Calico, Cilium and kube-proxy.
manager_file=/etc/NetworkManager/conf.d/90-kprov.conf
manager_config='[keyfile]
unmanaged-devices=interface-name:cni0;interface-name:flannel*;interface-name:cali*;interface-name:vxlan.calico;interface-name:tunl0;interface-name:cilium_*;interface-name:lxc*;interface-name:kube-ipvs0'

check() {
  local mode text service
  if ! in_container; then
    if [[ -r /sys/fs/selinux/enforce ]]; then
      read -r mode < /sys/fs/selinux/enforce || true
      if [[ $mode != 0 ]]; then
        echo "selinux enforces"
        return 1
      fi
    fi
    read_file /etc/selinux/config || true
    if [[ $'\n'$text == *$'\nSELINUX=enforcing'* ]]; then
      echo "selinux enforces after a reboot"
      return 1
    fi
  fi
  if process_of firewalld firewalld; then
    echo "firewalld is on"
    return 1
  fi
  for service in "${firewalls[@]}"; do
    # Up to release 7 the service iptables hangs elsewhere.
    if is_enabled "$service" || [[ -L /etc/systemd/system/basic.target.wants/$service.service ]]; then
      echo "$service is on"
      return 1
    fi
  done
  read_file /etc/ufw/ufw.conf || true
  if [[ $'\n'$text == *$'\nENABLED=yes'* ]]; then
    echo "ufw is on"
    return 1
  fi
  if [[ -d /etc/NetworkManager ]] && ! same_file $manager_file "$manager_config"; then
    echo "NetworkManager may take the interfaces of the pod network"
    return 1
  fi
  echo "no host firewall"
}

apply() {
  local service
  if ! in_container; then
    [[ ! -e /sys/fs/selinux/enforce ]] || setenforce 0
    [[ ! -e /etc/selinux/config ]] || sed -i 's/^SELINUX=enforcing/SELINUX=permissive/' /etc/selinux/config
  fi
  for service in "${firewalls[@]}"; do
    systemctl disable --now "$service" 2>/dev/null || true
  done
  [[ -z $(type -P ufw) ]] || ufw --force disable
  if [[ -d /etc/NetworkManager ]]; then
    write_file $manager_file 644 <<< "$manager_config"
    systemctl reload NetworkManager 2>/dev/null || true # where it runs
  fi
}
