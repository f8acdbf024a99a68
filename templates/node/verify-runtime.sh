# shellcheck shell=bash
# Proves that containerd answers through the interface that the kubelet uses (CRI) and that it has a pod network.
# Needs nothing. Runs on every node.

check() {
  local socket=unix:///run/containerd/containerd.sock conditions condition word version
  # crictl waits long for a socket that nobody serves.
  if ! conditions=$(timeout 5 crictl --runtime-endpoint "$socket" info); then
    echo "containerd does not answer on $socket; its unit is $(systemctl is-active containerd || true)"
    return 1
  fi
  conditions=$(tr -d ' \n' <<<"$conditions" | grep -o '{[^{}]*"type":"[A-Za-z]*Ready"[^{}]*}' || true)
  for word in RuntimeReady NetworkReady; do
    condition=$(grep "\"$word\"" <<<"$conditions") || condition=
    if [[ $condition != *'"status":true'* ]]; then
      echo "containerd answers, but $word is not true: ${condition:-not reported}"
      return 1
    fi
  done
  version=$(timeout 5 crictl --runtime-endpoint "$socket" version) || version=
  version=$(awk '/RuntimeVersion/ {print $NF}' <<<"$version")
  echo "containerd ${version#v} ready, pod network ready"
} 2>&1
