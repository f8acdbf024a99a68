# shellcheck shell=bash
# Proves that what this verification made is gone: the namespace, and with it all pods and services in it; and those of
# earlier ones that were killed. Others go on beside this one, perhaps from another computer: they say so in their
# namespaces every few seconds, by whatever clock.
# Deletes only namespaces that carry kprov's label.
# Needs NAMESPACE; SILENCE: after how many seconds without a word a verification counts as killed. Goes through kubectl,
# at the end, whatever happened before.

ours=app.kubernetes.io/managed-by=kprov,kprov.io/verify

check() {
  local fields seen name phase rest
  fields='{.metadata.name}|{.status.phase}|{.status.conditions[?(@.type=="NamespaceContentRemaining")].message}{"\n"}'
  seen=$(kubectl --request-timeout=5s get namespaces -l "$ours" -o jsonpath="{range .items[*]}$fields{end}")
  while IFS='|' read -r name phase rest; do
    # Another one that is Active is of somebody who verifies at the same time.
    if [ "$name" = "${NAMESPACE:?}" ] || [ "$phase" = Terminating ]; then
      echo "namespace $name is still $phase${rest:+: $rest}"
      return 1
    fi
  done <<<"$seen"
  echo "namespace $NAMESPACE and all in it are gone"
} 2>&1

# killed BEGIN MOMENT...: prints the namespaces of those that have not said a word since this verification began, at
# BEGIN, and for SILENCE seconds at least. MOMENT: as other_runs printed it then.
killed() {
  local begin=$1 seen=" ${*:2} " line silent
  while :; do
    silent=''
    for line in $(other_runs); do
      [[ $seen != *" $line "* ]] || silent+=" ${line%=*}"
    done
    [ -n "$silent" ] || return 0
    (($(date +%s) - begin < SILENCE)) || break
    sleep 1
  done
  echo "$silent"
}

apply() {
  local own began silent running name fields='{.items[*].status.containerStatuses[*].state.running.startedAt}'
  own=$(kubectl get namespace -l "$ours" --field-selector "metadata.name=$NAMESPACE" -o name)
  if [ -z "$own" ]; then
    echo "namespace $NAMESPACE was not made by kprov and is left alone"
    return 1
  fi
  began=$(kubectl get "$own" -o jsonpath='{.metadata.annotations.kprov\.io/others}' | tr -cd 'a-z0-9= -')
  # First the namespace: from now on nothing is made in it, and Kubernetes waits 5 s before it looks into it.
  kubectl delete "$own" --wait=false
  kubectl -n "$NAMESPACE" delete pods --all --wait=false
  # A kubelet before 1.22 may keep the record of a pod that has stopped until it next collects garbage, up to a minute
  # later. So pods are waited for, and what remains is only their record, unless their node is gone.
  for _ in {1..16}; do
    running=$(kubectl -n "$NAMESPACE" get pods -o jsonpath="$fields")
    [ -n "$running" ] || break
    sleep 0.5
  done
  # shellcheck disable=SC2086 # words
  silent=$(killed ${began:-0})
  # shellcheck disable=SC2086 # words
  [ -z "$silent" ] || kubectl delete namespaces $silent --wait=false --ignore-not-found
  kubectl get namespaces -l "$ours" -o jsonpath='{range .items[?(@.status.phase=="Terminating")]}{.metadata.name}{"\n"}{end}' |
    while read -r name; do kubectl -n "$name" delete pods --all --force --grace-period=0 --wait=false </dev/null; done
}
