# shellcheck shell=bash
# Proves that pods reach each other across nodes: from inside a pod of this node, with this node's curl in the pod's
# network namespace, to every pod on another node; and that this node itself reaches all pods.
# Needs NAMESPACE, NODE: this node's name, TARGETS: words "node/pod/address". Runs on every node.

check() {
  local target node pod address inside='' pid='' others=0 all=0 wrong=''
  for target in $TARGETS; do
    [ "${target%%/*}" != "$NODE" ] || [ -n "$inside" ] || inside=$target
  done
  if [ -n "$inside" ]; then
    inside=${inside#*/} inside=${inside%/*}
    pid=$(pid_of "$inside")
    if [ -z "$pid" ]; then
      echo "pod $inside has no container on $NODE"
      return 1
    fi
  fi
  for target in $TARGETS; do
    IFS=/ read -r node pod address <<<"$target"
    all=$((all + 1))
    answers "$pod" "$address" || wrong+="; from $NODE to $pod ($address) on $node: $said"
    if [ -n "$pid" ] && [ "$node" != "$NODE" ]; then
      others=$((others + 1))
      answers "$pod" "$address" nsenter -t "$pid" -n || wrong+="; from pod $inside to $pod ($address) on $node: $said"
    fi
  done
  if [ -n "$wrong" ]; then
    echo "${wrong#; }"
    return 1
  fi
  echo "$NODE reaches $all pods${pid:+, its pod $inside reaches $others on other nodes}"
} 2>&1

# answers POD ADDRESS PREFIX...: whether the pod says its name; else `said` is what came instead.
answers() {
  local pod=$1 url=http://$2/kprov/pod
  said=$("${@:3}" curl -fsS -m 3 --noproxy '*' "$url" 2>&1) || { said=${said#curl: ([0-9]*) }; return 1; }
  [ "$said" = "$pod" ] || { said="'$said' answered"; return 1; }
}

# The process of the pod's container, in whose network namespace all containers of the pod live.
pid_of() {
  local container tasks
  container=$(ctr -n k8s.io containers ls -q "labels.\"io.kubernetes.pod.name\"==$1,labels.\"io.kubernetes.pod.namespace\"==$NAMESPACE")
  tasks=$(ctr -n k8s.io tasks ls)
  awk -v ids="$container" 'index(ids, $1) && $3 == "RUNNING" {print $2; exit}' <<<"$tasks"
}
