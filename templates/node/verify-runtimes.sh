# shellcheck shell=bash
# Proves that every node names its container runtime and its operating system: the kubelet talks to it.
# Needs nothing. Goes through kubectl.

check() {
  local known silent
  known=$(kubectl --request-timeout=5s get nodes -o jsonpath='{range .items[*]}{.metadata.name}|{.status.nodeInfo.containerRuntimeVersion}|{.status.nodeInfo.osImage}, {.status.nodeInfo.kernelVersion}{"\n"}{end}')
  # Before the kubelet has asked its runtime, the version is missing.
  silent=$(awk -F'|' 'NF && $2 !~ /:\/\/./ {print $1}' <<<"$known" | paste -sd ' ' -)
  if [ -n "$silent" ]; then
    echo "no runtime is known of $silent"
    return 1
  fi
  cut -d'|' -f2,3 <<<"$known" | sed 's/|/ on /' | sort -u | grep . | paste -sd ';' -
} 2>&1
