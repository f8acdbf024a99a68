# shellcheck shell=bash disable=SC2016,SC2034,SC2154,SC2317
# Which pod was deleted and when is noted with the Deployment; also where date knows no parts of a second.
step verify-self-healing
NAMESPACE=kprov-verify-1

# kubectl as it answers when these are the Deployment and its pods, lines "Kind|name|Ready|deleted|replicas|note".
cluster() {
  printf '%s\n' "$@" > "$work/seen"
  double kubectl "case \"\$*\" in
  *'get deployments,pods'*) cat '$work/seen' ;;
  *'get pods'*) sed -n 's/^Pod|\\([^|]*\\)|[^|]*|\\([^|]*\\)|.*/\\1|\\2/p' '$work/seen' ;;
  *annotate*) printf '%s\\n' \"\$*\" >> '$work/notes' ;;
  *delete*) ;;
  *) exit 9 ;;
esac"
}
note() { local text; text=$(tail -n 1 "$work/notes"); echo "${text##*kprov.io/deleted=}"; }

cluster 'Deployment|web|||3|' 'Pod|web-a|True|2026-11-25T00:00:00Z||' 'Pod|web-b|True|||' 'Pod|web-c|True|||'
fails 'no pod has been deleted yet'
# As bash 5 knows the time, as bash 4 asks date for it, and as macOS answers.
for clock in 'real' 'date' 'macos'; do
  case $clock in
    date) unset EPOCHREALTIME ;;
    macos) double date '[[ $1 != +%s.%N ]] || { echo "$(/bin/date +%s).N"; exit; }; exec /bin/date "$@"' ;;
  esac
  do_apply
  same "$answer" 0
  [[ $(note) =~ ^[0-9]{11}\ web-b\ web-a\ web-b\ web-c$ ]] || { echo "$clock: $(note)"; exit 1; }
  since=$(note)
  cluster "Deployment|web|||3|$(note)" 'Pod|web-b|True|2026-11-25T00:00:00Z||' 'Pod|web-c|True|||' 'Pod|web-a|True|||'
  fails 'no new pod is Ready, 2 of 3 in all'
  cluster "Deployment|web|||3|$(note)" 'Pod|web-a|True|||' 'Pod|web-c|True|||' 'Pod|web-d|True|||'
  holds 'web-d replaced web-b, 3 of 3 Ready after '
  [[ $said =~ after\ [0-9]\.[0-9]\ s$ ]] || { echo "$clock: $said"; exit 1; }
  cluster 'Deployment|web|||3|' 'Pod|web-a|True|2026-11-25T00:00:00Z||' 'Pod|web-b|True|||' 'Pod|web-c|True|||'
done
