# shellcheck shell=bash disable=SC2034,SC2154
# Who gets which address and who answers for it, asked of the service itself with a pretended API server; then the step
# that installs it: its token is private, and what is damaged is made again.
export FIRST=10.0.0.11 LAST=10.0.0.13 API=https://10.0.0.10:6443 CREDENTIALS=$work/credentials RUNTIME_DIRECTORY=$work
# shellcheck source=../../templates/load-balancer/give-addresses.sh
. "$scripts/../load-balancer/give-addresses.sh"

# What kubectl shows: kind, age, namespace, name, Ready or type, address or wish, taints or class, address, port, node, labels.
double kubectl "cat '$work/cluster'"
# Health ports that answer stand in a file; what is changed is noted in another.
double curl "case \"\$*\" in
  */healthz) grep -qxF \"\${@: -1}\" '$work/healthy' ;;
  *PATCH*) echo \"\${@: -1}\" \"\${*: -2:1}\" >> '$work/patches'; printf 200 ;;
esac"
healthy() { printf 'http://%s/healthz\n' "$@" > "$work/healthy"; }
# round: what one round changes.
round() {
  local changed=0
  : > "$work/patches"
  look
  probe
  decide > "$work/log"
  sed 's|https://10.0.0.10:6443/api/v1/namespaces/||' "$work/patches"
}
three='Node|1||m|True|10.0.0.10|node-role.kubernetes.io/master||||
Node|1||w1|True|10.0.0.101||||||
Node|1||w2|True|10.0.0.102||||||
Node|1||w3|False|10.0.0.103||||||
Service|1|default|kubernetes|ClusterIP|||||'
healthy 10.0.0.{10,101,102}:10256

# The oldest Service first, nodes in turn, control planes not at all; other types and other classes are left alone.
printf '%s\n' "$three" 'Service|3|a|second|LoadBalancer||||||' 'Service|2|b|first|LoadBalancer||||||' \
  'Service|4|a|third|LoadBalancer||||||' 'Service|5|a|fourth|LoadBalancer||||||' \
  'Service|1|a|theirs|LoadBalancer||other.io/x||||' > "$work/cluster"
same "$(round | grep -c status)" 3
same "$(round)" 'b/services/first {"metadata":{"labels":{"kprov.io/answered-by":"w1"}}}
b/services/first/status {"status":{"loadBalancer":{"ingress":[{"ip":"10.0.0.11"}]}}}
a/services/second {"metadata":{"labels":{"kprov.io/answered-by":"w2"}}}
a/services/second/status {"status":{"loadBalancer":{"ingress":[{"ip":"10.0.0.12"}]}}}
a/services/third {"metadata":{"labels":{"kprov.io/answered-by":"w1"}}}
a/services/third/status {"status":{"loadBalancer":{"ingress":[{"ip":"10.0.0.13"}]}}}'
[[ $(< "$work/log") == *'a/fourth: no address of 10.0.0.11-10.0.0.13 is free'* ]]

# A wish is granted where it is free; what another one has, or what is no address of the pool, leaves a Service waiting.
printf '%s\n' "$three" 'Service|2|a|x|LoadBalancer|||10.0.0.11||w1|' 'Service|3|a|y|LoadBalancer|10.0.0.13|||||' \
  'Service|4|a|z|LoadBalancer|10.0.0.11|||||' 'Service|5|a|v|LoadBalancer|10.0.0.99|||||' > "$work/cluster"
same "$(round | grep status)" 'a/services/y/status {"status":{"loadBalancer":{"ingress":[{"ip":"10.0.0.13"}]}}}'
[[ $(< "$work/log") == *'a/z: cannot have 10.0.0.11: a/x has it'* && $(< "$work/log") == *'a/v: cannot have 10.0.0.99: it is not in the pool'* ]]

# Two never share: the older one keeps it.
printf '%s\n' "$three" 'Service|3|a|new|LoadBalancer|||10.0.0.11||w1|' 'Service|2|a|old|LoadBalancer|||10.0.0.11||w1|' > "$work/cluster"
same "$(round)" 'a/services/new/status {"status":{"loadBalancer":{"ingress":[{"ip":"10.0.0.12"}]}}}'

# A node that misses one round keeps its addresses, one that misses two loses them; the same for one that is not Ready.
printf '%s\n' "$three" 'Service|2|a|x|LoadBalancer|||10.0.0.11||w1|' > "$work/cluster"
same "$(round)" ''
healthy 10.0.0.{10,102}:10256
look && probe && decide
: > "$work/patches"
look && probe && decide > "$work/log"
grep -q '"kprov.io/answered-by":"w2"' "$work/patches"
sed -i 's/|10.0.0.11||w1|/|10.0.0.11||w3|/' "$work/cluster"
[[ $(round) == *'"kprov.io/answered-by":"w2"'* ]]
# Without any worker the control plane answers.
healthy 10.0.0.10:10256
[[ $(round; round) == *'"kprov.io/answered-by":"m"'* ]]

# externalTrafficPolicy: Local: only a node with a pod of the Service, which its health port tells.
healthy 10.0.0.{10,101,102}:10256 10.0.0.102:32000
printf '%s\n' "$three" 'Service|2|a|x|LoadBalancer||||32000||' > "$work/cluster"
[[ $(round) == *'"kprov.io/answered-by":"w2"'* ]]

# A Service that is no longer of that type gives back what it had.
printf '%s\n' "$three" 'Service|2|a|x|ClusterIP|||10.0.0.11||w1|' > "$work/cluster"
same "$(round)" 'a/services/x/status {"status":{"loadBalancer":{"ingress":null}}}
a/services/x {"metadata":{"labels":{"kprov.io/answered-by":null}}}'

# The step.
step give-addresses
ADDRESS=10.0.0.10 PROGRAM='#!/bin/bash' RIGHTS='kind: Secret'
double kubectl "case \"\$*\" in *token*) printf c2VjcmV0 ;; *apply*) cat >> '$work/applied' ;; esac"
double curl 'grep -q "Bearer secret" /etc/kubernetes/kprov/give-addresses/curl'
process_of() { [[ -e /var/lib/running ]]; }
is_enabled() { [[ $(calls) == *"systemctl enable -q $1"* ]]; }
fails 'is not as wanted'
do_apply
same "$answer" 0
[[ $log != *secret* ]]
fails 'does not run'
touch /var/lib/running
holds 'Services get addresses of 10.0.0.11-10.0.0.13'
same "$(stat -c '%a %n' /etc/kubernetes/kprov/give-addresses/{curl,kubeconfig,token} | cut -d ' ' -f 1 | sort -u)" 600
RIGHTS='kind: Other'
fails 'has no rights'
RIGHTS='kind: Secret' LAST=10.0.0.50
fails 'is not as wanted'
