# shellcheck shell=bash
# Proves that pods reach each other across nodes: from inside a pod of this node, with this node's curl in the pod's
# network namespace, to every pod on another node; and that this node itself reaches all pods.
# Needs NAMESPACE, NODE: this node's name, TARGETS: words "node/pod/address". Runs on every node.

check() {
  local target inside='' pid='' all=0 others=0 failed example
  for target in $TARGETS; do
    all=$((all + 1))
    if [ "${target%%/*}" != "$NODE" ]; then others=$((others + 1)); else inside=$target; fi
  done
  if [ -n "$inside" ]; then
    inside=${inside#*/} inside=${inside%/*}
    pid=$(pid_of "$inside")
    if [ -z "$pid" ]; then
      echo "pod $inside has no container on $NODE"
      return 1
    fi
  fi
  # All at once, so that several silent pods cost one wait.
  failed=$(
    for target in $TARGETS; do
      reach "$NODE" "$target" &
      [ -z "$pid" ] || [ "${target%%/*}" = "$NODE" ] || reach "pod $inside" "$target" nsenter -t "$pid" -n &
    done
    wait
  )
  if [ -n "$failed" ]; then
    echo "$failed"
    example=$(grep -m 1 'from pod' <<<"$failed" || head -n 1 <<<"$failed")
    echo "$(grep -c . <<<"$failed") of $((pid ? all + others : all)) connections fail: $example"
    return 1
  fi
  echo "$NODE reaches $all pods${pid:+, its pod $inside reaches $others on other nodes}"
} 2>&1

# reach NAME TARGET PREFIX...: prints why a request to the target, which is made with PREFIX, brings not its name.
reach() {
  local name=$1 on pod address said
  IFS=/ read -r on pod address <<<"$2"
  shift 2
  if ! said=$("$@" curl -fsS -m 3 --noproxy '*' "http://$address/kprov/pod" 2>&1); then
    echo "from $name to $pod ($address) on $on: ${said#curl: ([0-9]*) }"
  elif [ "$said" != "$pod" ]; then
    echo "from $name to $pod ($address) on $on: '$said' answered"
  fi
}

# The process of the pod's container, in whose network namespace all containers of the pod live.
pid_of() {
  local container tasks
  local labels="labels.\"io.kubernetes.pod.name\"==$1,labels.\"io.kubernetes.pod.namespace\"==$NAMESPACE"
  container=$(ctr -n k8s.io containers ls -q "$labels")
  tasks=$(ctr -n k8s.io tasks ls)
  awk -v ids="$container" 'index(ids, $1) && $3 == "RUNNING" {print $2; exit}' <<<"$tasks"
}
