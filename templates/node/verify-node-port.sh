# shellcheck shell=bash
# Proves that from this node nginx's welcome page comes back from the node port of every node, also of those
# that do not run the pod.
# Needs ADDRESSES: words, the addresses of all nodes; PORT: the node port. Runs on every node.

check() {
  local address count=0 failed
  # All at once, so that several silent nodes cost one wait.
  failed=$(
    for address in $ADDRESSES; do answers "http://$address:$PORT/" & done
    wait
  )
  if [ -n "$failed" ]; then
    echo "${failed//$'\n'/; }"
    return 1
  fi
  for address in $ADDRESSES; do count=$((count + 1)); done
  echo "$count of $count nodes answer on port $PORT"
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
