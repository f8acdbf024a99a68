# shellcheck shell=bash
# Guarantees: no host firewall (firewalld, ufw) drops the cluster's packets, and SELinux only warns, now and after a
# reboot. This is meant for labs.
# Needs: nothing.

check() {
  local mode text
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
  if is_enabled firewalld || process_of firewalld firewalld; then
    echo "firewalld is on"
    return 1
  fi
  read_file /etc/ufw/ufw.conf || true
  if [[ $'\n'$text == *$'\nENABLED=yes'* ]]; then
    echo "ufw is on"
    return 1
  fi
  echo "no host firewall"
}

apply() {
  if ! in_container; then
    [[ ! -e /sys/fs/selinux/enforce ]] || setenforce 0
    [[ ! -e /etc/selinux/config ]] || sed -i 's/^SELINUX=enforcing/SELINUX=permissive/' /etc/selinux/config
  fi
  systemctl disable --now firewalld 2>/dev/null || true
  [[ -z $(type -P ufw) ]] || ufw --force disable
}
