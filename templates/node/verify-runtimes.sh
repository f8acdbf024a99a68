# shellcheck shell=bash
# Proves that every node names its container runtime and its operating system: the kubelet talks to it.
# Needs RUNTIME: what every node should have, containerd or docker; empty where that is not known. Goes through kubectl.

check() {
  local known silent other
  known=$(kubectl --request-timeout=5s get nodes -o jsonpath='{range .items[*]}{.metadata.name}|{.status.nodeInfo.containerRuntimeVersion}|{.status.nodeInfo.osImage}, {.status.nodeInfo.kernelVersion}{"\n"}{end}')
  # Before the kubelet has asked its runtime, the version is missing.
  silent=$(awk -F'|' 'NF && $2 !~ /:\/\/./ {print $1}' <<<"$known" | paste -sd ' ' -)
  if [ -n "$silent" ]; then
    likely 1
    echo "no runtime is known of $silent"
    return 1
  fi
  other=$(awk -F'|' -v wanted="$RUNTIME://" 'NF && wanted != "://" && index($2, wanted) != 1 {print $1 " has " $2}' <<<"$known" | paste -sd ',' -)
  if [ -n "$other" ]; then
    likely 2
    echo "not $RUNTIME: ${other//,/, }"
    return 1
  fi
  cut -d'|' -f2,3 <<<"$known" | sed 's/|/ on /' | sort -u | grep . | paste -sd ';' - | sed 's/;/; /g'
} 2>&1
