# shellcheck shell=bash
# Proves that a pod is reached at a port of the computer where kubectl runs, by way of the API server.
# Needs NAMESPACE. Goes through kubectl.

check() {
  local forward said='' port='' page
  : > "$KPROV_TMP/forward"
  # It must not outlive this check, nor hold anything of the runner's open.
  kubectl -n "$NAMESPACE" port-forward pod/nginx :80 > "$KPROV_TMP/forward" 2>&1 3<&- 4>&- &
  forward=$!
  # shellcheck disable=SC2064 # the process of now
  trap "kill $forward 2>/dev/null" EXIT
  for _ in {1..40}; do
    said=$(<"$KPROV_TMP/forward")
    if [[ $said =~ 127\.0\.0\.1:([0-9]+) ]]; then
      port=${BASH_REMATCH[1]}
      break
    fi
    kill -0 "$forward" 2>/dev/null || break
    sleep 0.1
  done
  page=$(curl -fsS -m 5 --noproxy '*' "http://127.0.0.1:${port:-1}/" 2>&1) || true
  said=$(<"$KPROV_TMP/forward")
  if [[ $page != *nginx* ]]; then
    echo "port-forward brings no page: ${said##*$'\n'}"
    return 1
  fi
  echo "nginx's page through 127.0.0.1:$port"
} 2>&1
