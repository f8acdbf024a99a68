# shellcheck shell=bash
# Proves that from this node nginx's welcome page comes back from the node port of every node, also of those
# that do not run the pod.
# Needs URLS: lines such as http://192.168.1.101:30080/, one for every node. Runs on every node.

check() {
  local url count=0 failed
  # All at once, so that several silent nodes cost one wait.
  failed=$(
    for url in $URLS; do answers "$url" & done
    wait
  )
  if [ -n "$failed" ]; then
    echo "${failed//$'\n'/; }"
    return 1
  fi
  for url in $URLS; do count=$((count + 1)); done
  echo "$count of $count nodes answer on port $(sed 's|.*:\([0-9]*\)/*$|\1|' <<<"$url")"
} 2>&1

# Prints why the page at $1 is not nginx's.
answers() {
  local page
  if ! page=$(curl -fsS -m 3 --noproxy '*' "$1" 2>&1); then
    echo "$1: ${page#curl: ([0-9]*) }"
  elif [[ $page != *'Welcome to '*nginx* ]]; then
    echo "$1: another page than nginx's welcome"
  fi
}
