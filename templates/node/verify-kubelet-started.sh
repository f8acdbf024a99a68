# shellcheck shell=bash
# Starts the kubelet of a host that was stopped for a while, and proves that it answers.
# Needs nothing. Runs on the host.

check() {
  if ! kubelet_healthy; then
    echo "the kubelet does not answer on port 10248"
    return 1
  fi
  echo "the kubelet answers"
} 2>&1

apply() {
  run_unit start kubelet
  systemctl stop kprov-kubelet-again.timer 2>/dev/null || true
}
