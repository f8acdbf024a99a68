# shellcheck shell=bash disable=SC2034,SC2154
# The pod asks for most of what is free on the emptiest node, and may be on all that have so much: not on one that is
# cordoned or has a taint, but on one whose taint is about to go.
export NAMESPACE=v IMAGE=nginx
taint=node.kubernetes.io/not-ready
double kubectl "case \"\$*\" in
  'get nodes'*) printf '%s\n' 'cp 2 node-role.kubernetes.io/master,' 'w1 2 $taint,$taint,' 'w2 1500m ' 'w3 4 true' 'w4 4 truenode.kubernetes.io/unschedulable,' ;;
  'get pods'*) printf '%s\n' 'w1 of: 500m' 'w2 of: 250m 250m' 'w2 of:room 900m' 'w3 of: 1' ;;
  *apply*) cat > '$work/asked' ;;
  *'get pods room giant'*) cat '$work/seen' ;;
esac"
step verify-placement
do_apply
same "$answer" 0
# In whichever order awk has them.
same "$(grep -E '^  name:|annotations|cpu' "$work/asked" | sed 's/w2 w1/w1 w2/')" '  name: room
  annotations: {room: "900 w1 w2"}
        requests: {cpu: "900m"}
  name: giant
  annotations: {room: ""}
        requests: {cpu: "1000"}'
seen() { printf '%s|||900 w1 w2\n|%s|no room|\n' "$1" "$2" > "$work/seen"; }
seen '' Unschedulable
fails 'is not placed: nobody looked at it'
seen w1 Unschedulable
holds 'was placed on w1'
seen w3 Unschedulable
fails 'was placed on w3, where so much was not free'
seen w2 ''
fails 'nobody who looks at it'
