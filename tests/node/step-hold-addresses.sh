# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# The interface to the node network gets exactly the addresses that the API server names; without its answer all stays;
# when the service stops, they go.
export NAME=w1 ADDRESS=10.0.0.101 NEIGHBOUR=10.0.0.1 FIRST=10.0.0.11 LAST=10.0.0.99 API=https://10.0.0.10:6443
double ip "case \"\$*\" in
  *' show'*) cat '$work/addresses' ;;
  addr*) echo \"\$*\" >> '$work/changes' ;;
esac"
double curl "case \"\$*\" in
  *--interface*) echo \"announced \$*\" >> '$work/changes' ;;
  *) cat '$work/answer' ;;
esac"
# One round, then the pause ends the service.
double sleep 'kill $PPID'
round() {
  : > "$work/changes"
  bash "$scripts/../load-balancer/hold-addresses.sh" > /dev/null 2>&1 || true
  grep -v announced "$work/changes" || true
}
printf '%s\n' '1: lo    inet 127.0.0.1/8 scope host lo' '2: eth0    inet 10.0.2.15/24 scope global eth0' \
  '3: eth1    inet 10.0.0.101/24 brd 10.0.0.255 scope global eth1' '3: eth1    inet 10.0.0.12/32 scope global eth1' \
  '3: eth1    inet 10.0.0.200/32 scope global eth1' > "$work/addresses"
service() { printf '{"metadata":{"name":"x","managedFields":[{"f:loadBalancer":{"f:ingress":{}}}]},"status":{"loadBalancer":{"ingress":[{"ip":"%s"}]}}}' "$1"; }

# .12 is no longer ours, .11 and .13 are; .200 is somebody else's, on the interface and in an answer.
printf '{"items":[%s,%s,%s,%s]}\n200' "$(service 10.0.0.11)" '{"status":{"loadBalancer":{}}}' "$(service 10.0.0.200)" "$(service 10.0.0.13)" > "$work/answer"
same "$(round)" 'addr del 10.0.0.12/32 dev eth1
addr add 10.0.0.11/32 dev eth1
addr add 10.0.0.13/32 dev eth1'
same "$(grep -c 'announced .*--interface 10.0.0.1[13] .*http://10.0.0.1:9/' "$work/changes")" 2

# No answer, or no right to one: all stays.
printf '{"kind":"Status"}\n403' > "$work/answer"
same "$(round)" ''
printf '\n000' > "$work/answer"
same "$(round)" ''

: > "$work/changes"
bash "$scripts/../load-balancer/hold-addresses.sh" withdraw > /dev/null
same "$(< "$work/changes")" 'addr del 10.0.0.12/32 dev eth1'

step hold-addresses
PROGRAM='#!/bin/bash'
process_of() { true; }
is_enabled() { [[ $(calls) == *"systemctl enable -q $1"* ]]; }
fails 'is not as wanted'
do_apply
same "$answer" 0
holds 'this node answers'
# With its old settings it lets go before it gets new ones.
same "$(calls | grep -E 'stop|start')" 'systemctl stop kprov-hold-addresses
systemctl start kprov-hold-addresses'
LAST=10.0.0.50
fails 'is not as wanted'
