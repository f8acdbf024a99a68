# shellcheck shell=bash disable=SC2016,SC2034,SC2154,SC2317
# Verifications at the same time leave each other alone; what one that was killed left behind is deleted by the next.
step verify-namespace
NAMESPACE=kprov-verify-2 RUN=2 KEPT=no SILENCE=30

# The cluster is a file of lines "name phase moment-of-its-last-word".
double kubectl "case \"\$*\" in
  *'get namespaces'*alive*) awk '\$2 == \"Active\" { print \$1 \"=\" \$3 }' '$work/cluster' ;;
  *'get namespaces'*Terminating*) awk '\$2 == \"Terminating\" { print \$1 }' '$work/cluster' ;;
  *'get namespaces'*) awk '{ print \$1 \"|\" \$2 \"|\" }' '$work/cluster' ;;
  *'get namespace -l'*) echo namespace/kprov-verify-2 ;;
  *'get namespace'*others*) cat '$work/others' ;;
  *'get namespace'*verify*) echo '2 Active' ;;
  *'get serviceaccount'*) echo serviceaccount/default ;;
  *'create -f'*) cat > '$work/made' ;;
  *'delete namespaces '*) echo \"\$*\" >> '$work/calls' ;;
  *'delete namespace/'*) sed -i '/^kprov-verify-2 /d' '$work/cluster' ;;
  *' delete pods '*--force*) echo \"\$*\" >> '$work/calls' ;;
  *' delete pods '* | *' get pods '*) ;;
  *) echo \"what: \$*\"; exit 9 ;;
esac"

printf '%s\n' 'kprov-verify-1 Active 1700000000' 'kprov-verify-2 Active 1' 'kprov-verify-3 Active' > "$work/cluster"
do_apply
same "$answer" 0
[[ $(< "$work/made") =~ kprov.io/others:\ \"([0-9]+)\ (.*)\" ]] || { cat "$work/made"; exit 1; }
same "${BASH_REMATCH[2]}" 'kprov-verify-1=1700000000 kprov-verify-3='
holds kprov-verify-2

# Not yet half a minute: one has said a word, and the other is waited for until it has too.
step verify-deleted
# ends OTHERS: as the end of a verification that noted this when it began.
ends() {
  echo 'kprov-verify-2 Active 1' >> "$work/cluster"
  echo "$1" > "$work/others"
  rm -f "$work/calls"
  do_apply
  same "$answer" 0
}
(sleep 1.2; sed -i 's/^kprov-verify-3 Active$/& 9/' "$work/cluster") &
printf '%s\n' 'kprov-verify-1 Active 1700000005' 'kprov-verify-3 Active' > "$work/cluster"
ends "$(date +%s) kprov-verify-1=1700000000 kprov-verify-3="
wait
same "$(calls)" ''
holds 'namespace kprov-verify-2 and all in it are gone'

# Half a minute without a word.
printf '%s\n' 'kprov-verify-1 Active 1700000005' 'kprov-verify-3 Active' 'kprov-verify-4 Active' > "$work/cluster"
ends "$(($(date +%s) - 31)) kprov-verify-1=1700000005 kprov-verify-3="
same "$(calls)" 'delete namespaces kprov-verify-1 kprov-verify-3 --wait=false --ignore-not-found'

# What is on its way is waited for, and its pods are not waited for by anybody.
printf '%s\n' 'kprov-verify-1 Terminating 1' > "$work/cluster"
ends "$(date +%s) kprov-verify-1=1"
[[ $(calls) == '-n kprov-verify-1 delete pods --all --force'* ]]
fails 'namespace kprov-verify-1 is still Terminating'
