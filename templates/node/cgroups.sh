# shellcheck shell=bash
# Guarantees: this machine has control groups of version 2, without which the kubelet of Kubernetes 1.35 and later does
# not start. Only asked for there; a machine gets them by its system, so nothing is changed here.
# Needs: nothing.

check() {
  # Version 1 has a folder for each controller here; a mix of both has version 2 in a folder of its own.
  if [[ ! -e /sys/fs/cgroup/cgroup.controllers ]]; then
    echo "this machine has control groups of version 1, and this Kubernetes needs version 2"
    return 1
  fi
  echo "control groups are of version 2"
}
