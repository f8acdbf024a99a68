# shellcheck shell=bash
# Proves that the container runtime answers through the interface that the kubelet uses (CRI) and that it has a pod
# network. With Docker up to Kubernetes 1.23 it is the kubelet itself that serves that interface.
# Needs RUNTIME: containerd or docker, SOCKET: where the interface is served. Runs on every node.

check() {
  local conditions condition word message version
  # crictl waits long for a socket that nobody serves.
  if ! conditions=$(timeout 5 crictl --runtime-endpoint "unix://$SOCKET" info); then
    echo "$RUNTIME does not answer on unix://$SOCKET; its unit is $(systemctl is-active "$RUNTIME" || true)"
    return 1
  fi
  conditions=$(tr -d '\n' <<<"$conditions" | grep -o '{[^{}]*"type": *"[A-Za-z]*Ready"[^{}]*}') || true
  for word in RuntimeReady NetworkReady; do
    condition=$(grep "\"$word\"" <<<"$conditions") || condition=
    if [[ ! $condition =~ \"status\":\ *true ]]; then
      message=$(sed -n 's/.*"message": *"\([^"]*\)".*/\1/p' <<<"$condition")
      echo "$RUNTIME answers, but $word is not true: ${message:-no reason given}"
      return 1
    fi
  done
  # "Docker version 24.0.9, build …", "containerd github.com/containerd/containerd v1.7.30 …"
  case $RUNTIME in
    docker) version=$(dockerd --version | awk '{print $3}') || version= ;;
    *) version=$(containerd --version | awk '{print $3}') || version= ;;
  esac
  version=${version%,}
  echo "$RUNTIME${version:+ ${version#v}} and its pod network are ready"
} 2>&1
