# shellcheck shell=bash
# Guarantees: the kubelet is healthy and the cluster sees this node as Ready, at ADDRESS. Asked with the kubelet's own certificate. A node object
# that somebody deleted comes back by restarting the kubelet, which registers only when it starts.
# Needs: NAME, ADDRESS, API (https://host:6443), SERVICES (the runtime's units).

check() { node_is_ready; }

apply() {
  # shellcheck disable=SC2034 # ask_node's
  local node
  local status age
  start_services
  ask_node || true
  [[ $status == 404 ]] || return 0
  kubelet_age
  # One that has just started is about to register.
  if ((age >= 15)); then systemctl restart kubelet; fi
}
