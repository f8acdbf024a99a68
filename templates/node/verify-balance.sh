# shellcheck shell=bash
# Proves that the service in front of the Deployment leads to every one of its pods: each pod answers with its own
# name (the manifest mounts it as a page), and the names of 60 answers are counted.
# Needs NAMESPACE, MANIFEST: the service `web` as YAML. Runs on the first control plane.

check() {
  local seen kind name ip deleted url='' answers failed counts missing=''
  local pods=()
  local fields='{.kind}|{.metadata.name}|{.spec.clusterIP}|{.metadata.deletionTimestamp}{"\n"}'
  seen=$(kubectl --request-timeout=5s -n "$NAMESPACE" get services,pods -l app=web \
    -o jsonpath="{range .items[*]}$fields{end}")
  while IFS='|' read -r kind name ip deleted; do
    case $kind$deleted in
      Service) url="http://$ip/kprov/pod" ;;
      Pod) pods+=("$name") ;;
    esac
  done <<<"$seen"
  if [ -z "$url" ] || [ ${#pods[@]} = 0 ]; then
    echo "there is no service web or no pod behind it"
    return 1
  fi
  # A connection for each request: kube-proxy chooses a pod for a connection. By chance one of three pods stays out
  # of 60 answers once in ten thousand million runs.
  answers=$(timeout 20 curl -fsS -m 3 --noproxy '*' -H 'Connection: close' -w '\n' "$url?[1-60]" 2>&1 | grep .) || true
  failed=$(grep -m 1 '^curl: ' <<<"$answers") || failed=
  answers=$(grep -v '^curl: ' <<<"$answers") || true
  if [ -n "$failed" ] || [ "$(grep -c . <<<"$answers")" != 60 ]; then
    echo "$(grep -c . <<<"$answers") of 60 requests to $url answered: ${failed:-none more within 20 s}"
    return 1
  fi
  counts=$(sort <<<"$answers" | uniq -c | awk '{printf "%s%s %d", sep, $2, $1; sep = ", "}')
  for name in "${pods[@]}"; do grep -qx "$name" <<<"$answers" || missing+=" $name"; done
  if [ -n "$missing" ]; then
    echo "none of 60 answers came from$missing; answers: $counts"
    return 1
  fi
  echo "60 answers: $counts"
} 2>&1

apply() {
  kubectl -n "$NAMESPACE" apply -f - <<<"$MANIFEST"
}
