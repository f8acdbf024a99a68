# shellcheck shell=bash
# Proves that the Deployment replaces a pod that is deleted: a new one takes its place, and all are Ready again.
# The Deployment carries a note of what was deleted and when, so that a check says so at any time.
# Needs NAMESPACE. Runs on the first control plane.

check() {
  local seen kind name ready deleted old='' before='' since='' wanted='' new='' good=0
  seen=$(kubectl --request-timeout=5s -n "$NAMESPACE" get deployments,pods -l app=web -o jsonpath='{range .items[*]}{.kind}|{.metadata.name}|{.status.conditions[?(@.type=="Ready")].status}|{.metadata.deletionTimestamp}|{.spec.replicas}|{.metadata.annotations.kprov\.io/deleted}{"\n"}{end}')
  while IFS='|' read -r kind name ready deleted replicas note; do
    case $kind in
      Deployment) wanted=$replicas && IFS=' ' read -r since old before <<<"$note" ;;
      Pod)
        [ "$ready$deleted" = True ] || continue
        good=$((good + 1))
        [[ " $old $before " == *" $name "* ]] || new=$name
        ;;
    esac
  done <<<"$seen"
  if [ -z "$old" ]; then
    echo "no pod has been deleted yet"
    return 1
  fi
  if [ -z "$new" ] || [ "$good" != "$wanted" ]; then
    echo "$old was deleted $(since "$since") s ago; ${new:-no new pod} is Ready, $good of $wanted Ready in all"
    return 1
  fi
  echo "$new replaced $old, $good of $wanted Ready after $(since "$since") s"
} 2>&1

apply() {
  local names
  names=$(kubectl -n "$NAMESPACE" get pods -l app=web -o jsonpath='{.items[*].metadata.name}')
  kubectl -n "$NAMESPACE" annotate --overwrite deployment web "kprov.io/deleted=$(date +%s%N) $names"
  kubectl -n "$NAMESPACE" delete pod "${names%% *}" --wait=false
}

# Seconds since $1 (nanoseconds since 1970), with one decimal place.
since() {
  local tenths=$((($(date +%s%N) - $1) / 100000000))
  echo "$((tenths / 10)).$((tenths % 10))"
}
