# shellcheck shell=bash
# Proves that the Deployment replaces a pod that is deleted: a new one takes its place, and all are Ready again.
# The Deployment carries a note of what was deleted and when, so that a check says so at any time.
# Needs NAMESPACE. Runs on the first control plane.

check() {
  local seen kind name ready deleted replicas note old='' before='' since='' wanted='' new='' good=0
  local fields='{.kind}|{.metadata.name}|{.status.conditions[?(@.type=="Ready")].status}|{.metadata.deletionTimestamp}'
  fields+='|{.spec.replicas}|{.metadata.annotations.kprov\.io/deleted}{"\n"}'
  seen=$(kubectl --request-timeout=5s -n "$NAMESPACE" get deployments,pods -l app=web \
    -o jsonpath="{range .items[*]}$fields{end}")
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
    echo "$old was deleted $(since "$since") s ago; ${new:-no new pod} is Ready, $good of $wanted in all"
    return 1
  fi
  echo "$new replaced $old, $good of $wanted Ready after $(since "$since") s"
} 2>&1

apply() {
  local seen old names
  local fields='{.metadata.name}|{.metadata.deletionTimestamp}{"\n"}'
  seen=$(kubectl -n "$NAMESPACE" get pods -l app=web \
    -o jsonpath="{range .items[*]}$fields{end}")
  # One that is not being deleted already; the names of all others tell later which one is new.
  old=$(sed -n '/|$/{s///p;q;}' <<<"$seen")
  names=$(cut -d'|' -f1 <<<"$seen" | paste -sd ' ' -)
  kubectl -n "$NAMESPACE" annotate --overwrite deployment web "kprov.io/deleted=$(tenths) $old $names"
  kubectl -n "$NAMESPACE" delete pod "$old" --wait=false
}

# Tenths of a second since 1970; where neither bash nor date knows parts of a second, whole seconds.
tenths() {
  local now=${EPOCHREALTIME:-}
  [ -n "$now" ] || now=$(date +%s.%N)
  case ${now#*.} in
    '' | *[!0-9]*) echo "${now%%[!0-9]*}0" ;;
    *) now=${now/./} && echo "${now:0:11}" ;;
  esac
}

# Seconds since $1 (as `tenths` says it), with one decimal place.
since() {
  local passed=$(($(tenths) - $1))
  echo "$((passed / 10)).$((passed % 10))"
}
