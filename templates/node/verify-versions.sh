# shellcheck shell=bash
# Proves that the versions fit: every kubelet has the wanted one, or where none is wanted, none is newer than the API
# server or older than it by more than three minor versions.
# Needs VERSION: such as 1.20.2, or nothing. Goes through kubectl.

check() {
  local server known name kubelet minor wrong=''
  server=$(kubectl --request-timeout=5s get --raw /version | sed -n 's/.*"gitVersion": *"v\([^"]*\)".*/\1/p')
  known=$(kubectl --request-timeout=5s get nodes \
    -o jsonpath='{range .items[*]}{.metadata.name} {.status.nodeInfo.kubeletVersion}{"\n"}{end}')
  while read -r name kubelet; do
    [ -n "$name" ] || continue
    kubelet=${kubelet#v}
    minor=$(($(minor "$server") - $(minor "$kubelet")))
    if [ -n "$VERSION" ] && [ "$kubelet" != "$VERSION" ]; then
      wrong+="; the kubelet of $name is $kubelet, not $VERSION"
    elif [ "$minor" -lt 0 ] || [ "$minor" -gt 3 ]; then
      wrong+="; the kubelet of $name is $kubelet, the API server $server"
    fi
  done <<<"$known"
  if [ -n "$VERSION" ] && [ "$server" != "$VERSION" ]; then wrong+="; the API server is $server, not $VERSION"; fi
  if [ -n "$wrong" ]; then
    echo "${wrong#; }"
    return 1
  fi
  echo "API server $server, kubelets $(awk 'NF {print substr($2, 2)}' <<<"$known" | sort -u | paste -sd ' ' -)"
} 2>&1

# The 20 of 1.20.2.
minor() {
  local rest=${1#*.}
  echo "${rest%%[!0-9]*}"
}
