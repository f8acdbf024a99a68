# shellcheck shell=bash
# Guarantees: this node's API server was started after etcd last changed its members. When the second control plane
# joins, etcd has no leader until the new member runs. An API server that lived through that may answer every read and
# still serve watches in which nothing happens any more (kubernetes/kubernetes#97294): Services then get no endpoints.
# Needs: ADDRESS (where the API server listens). For the first of several control planes.

seen=/etc/kubernetes/kprov/etcd-members

# members: sets `members` to the numbers of etcd's members, one a line.
members() {
  local answer pki=/etc/kubernetes/pki/etcd
  members=
  answer=$(curl -sf -m 5 --cacert $pki/ca.crt --cert $pki/healthcheck-client.crt --key $pki/healthcheck-client.key \
    -d '{}' https://127.0.0.1:2379/v3/cluster/member/list) || return 1
  members=$(grep -o '"ID":"[0-9]*"' <<< "$answer" | sort)
}

ready() { curl -fsk -m 5 -o /dev/null "https://$ADDRESS:6443/readyz"; }

check() {
  local members
  if ! members; then
    echo "etcd does not list its members"
    return 1
  fi
  if ! same_file $seen "$members"; then
    echo "the api server is older than etcd's list of members"
    return 1
  fi
  if ! ready; then
    echo "the api server on $ADDRESS:6443 is not ready"
    return 1
  fi
  echo "the api server has known all $(wc -l <<< "$members") members of etcd since its start"
}

apply() {
  local members program name
  members
  for program in /proc/[0-9]*; do
    { read -r name < "$program/comm"; } 2>/dev/null || continue
    [[ $name == kube-apiserver ]] || continue
    # It stops listening at once and answers what it was asked; then it would wait a minute for watches to end. The
    # kubelet starts its container again.
    kill "${program#/proc/}"
    wait_until 3 test ! -e "$program" || kill -9 "${program#/proc/}"
    wait_until 30 test ! -e "$program"
  done
  wait_until 90 ready
  write_file $seen 644 <<< "$members"
}
