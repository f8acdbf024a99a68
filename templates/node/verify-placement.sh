# shellcheck shell=bash
# Proves that the scheduler looks for room: a pod that asks for most of the free processors of the emptiest node is
# placed on a node that has them, and one that asks for more than any node has waits with that reason.
# Needs NAMESPACE, IMAGE. Goes through kubectl. The pods ask only; the first ends at once, the other never starts.

check() {
  local seen node place reason asked
  seen=$(kubectl --request-timeout=5s -n "$NAMESPACE" get pods room giant -o jsonpath='{range .items[*]}{.spec.nodeName}|{.status.conditions[?(@.type=="PodScheduled")].reason}|{.status.conditions[?(@.type=="PodScheduled")].message}|{.metadata.annotations.room}{"\n"}{end}')
  IFS='|' read -r node reason _ asked <<<"$seen"
  if [ -z "$node" ]; then
    echo "the pod room, which fits, is not placed: ${reason:-nobody looked at it}"
    return 1
  fi
  if [[ " ${asked#* } " != *" $node "* ]]; then
    echo "room asks for ${asked%% *}m and was placed on $node, where so much was not free"
    return 1
  fi
  place=$node seen=${seen#*$'\n'}
  IFS='|' read -r node reason _ <<<"$seen"
  if [ -n "$node" ] || [ "$reason" != Unschedulable ]; then
    [ -z "$node" ] || reason="a place on $node"
    echo "the pod giant, which fits nowhere, has ${reason:-nobody who looks at it}"
    return 1
  fi
  echo "a pod that asks for ${asked%% *}m was placed on $place, one that asks for 1000 processors waits"
} 2>&1

apply() {
  local free most
  free=$(free)
  most=$(sort -k2 -n <<<"$free" | tail -n 1)
  most=$((${most##* } * 6 / 10))
  # The names of the nodes that have so much.
  free=$(awk -v most="$most" '$2 >= most {printf " %s", $1}' <<<"$free")
  { pod room "${most}m" "$most$free" && echo --- && pod giant 1000 ''; } | kubectl -n "$NAMESPACE" apply -f -
}

pod() {
  cat <<YAML
apiVersion: v1
kind: Pod
metadata:
  name: $1
  labels: {kprov.io/placement: $1}
  annotations: {room: "$3"}
spec:
  restartPolicy: Never
  terminationGracePeriodSeconds: 0
  containers:
    - name: asks
      image: "$IMAGE"
      imagePullPolicy: IfNotPresent
      command: [nginx, -v]
      resources:
        requests: {cpu: "$2"}
YAML
}

# Lines "node millicores": what is free of processors on each node that takes pods, or does in a moment: it is known that
# all are Ready, and the taint of one that was not may last some seconds longer. A pod of this check that another
# verification makes at the same time does not count: it ends at once.
free() {
  local fields='{.metadata.name} {.status.allocatable.cpu} {.spec.unschedulable}{range .spec.taints[?(@.effect!="PreferNoSchedule")]}{.key},{end}{"\n"}'
  {
    kubectl get nodes -o jsonpath="{range .items[*]}$fields{end}"
    echo -
    kubectl get pods -A --field-selector=status.phase!=Succeeded,status.phase!=Failed \
      -o jsonpath='{range .items[*]}{.spec.nodeName} of:{.metadata.labels.kprov\.io/placement}{range .spec.containers[*]} {.resources.requests.cpu}{end}{"\n"}{end}'
  } | awk '
    function milli(text) {return text ~ /m$/ ? substr(text, 1, length(text) - 1) + 0 : text * 1000}
    $1 == "-" {pods = 1; next}
    !pods {gsub(/node\.kubernetes\.io\/(not-ready|unreachable),/, "", $3); if ($3 == "") free[$1] = milli($2)}
    pods && $1 in free && $2 == "of:" {for (i = 3; i <= NF; i++) free[$1] -= milli($i)}
    END {for (node in free) print node, int(free[node])}'
}
