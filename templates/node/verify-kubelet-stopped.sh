# shellcheck shell=bash
# Stops the kubelet of a host that is not kprov's to switch off, and proves that it is silent. What runs there goes on,
# but nobody hears of it any more: to the control plane the node is gone. systemd starts the kubelet again after a while,
# whatever becomes of kprov and of the network.
# Needs SECONDS_OFF: after how many seconds. Runs on the host.

check() {
  if kubelet_healthy; then
    echo "the kubelet still answers"
    return 1
  fi
  echo "the kubelet is stopped; this host starts it again in $((SECONDS_OFF / 60)) minutes at the latest"
} 2>&1

apply() {
  # What an earlier run that was killed left: a unit of that name cannot be made twice.
  systemctl stop kprov-kubelet-again.timer 2>/dev/null || true
  # A service that failed stays until somebody has taken note of it.
  systemctl reset-failed kprov-kubelet-again.service 2>/dev/null || true
  systemd-run --unit=kprov-kubelet-again --on-active="$SECONDS_OFF" systemctl start kubelet
  systemctl stop kubelet
}
