# shellcheck shell=bash
# Guarantees: the kubelet is healthy and the cluster sees this node as Ready, at ADDRESS. Asked with the kubelet's own certificate. A node object
# that somebody deleted comes back by restarting the kubelet, which registers only when it starts.
# Needs: NAME, ADDRESS, API (https://host:6443), SERVICES (the runtime's units).

# ask_node: sets `node` to the node's JSON and `status` to the HTTP status, 000 when nobody answers.
ask_node() {
  local certificate=/var/lib/kubelet/pki/kubelet-client-current.pem
  node="" status=000
  [[ -e $certificate ]] || return 1
  # Without pretty=false the API server indents its answers to curl.
  node=$(curl -s -m 5 --cacert /etc/kubernetes/pki/ca.crt --cert $certificate --key $certificate \
    -w '\n%{http_code}' "$API/api/v1/nodes/$NAME?pretty=false") || true
  status=${node##*$'\n'}
  [[ $status == 200 ]]
}

# kubelet_age: sets `age` to the seconds since the kubelet was started, to 0 while there is none.
kubelet_age() {
  local pid now stat fields
  age=0
  process_of kubelet kubelet || return 0
  # Field 22 of proc_pid_stat(5), in hundredths of a second since the boot; the name before field 3 may hold blanks.
  read -r stat < "/proc/$pid/stat" || return 0
  read -r now _ < /proc/uptime
  read -ra fields <<< "${stat##*) }"
  age=$((${now%.*} - fields[19] / 100))
}

# What the cluster has of a node that was away for a moment is what the kubelet before this one said. A kubelet says how
# it is as soon as it starts, so that only a young one may not have been heard yet. TIME: when it was last heard.
heard_since_start() {
  local age heard
  kubelet_age
  ((age < 60)) || return 0
  heard=$(date -d "$1" +%s) || return 0
  (($(date +%s) - heard <= age + 1))
}

check() {
  local node status condition='"type":"Ready","status":"([^"]*)","lastHeartbeatTime":"([^"]*)"[^}]*"message":"([^"]*)"'
  # The cluster believes in a kubelet for 40 seconds after it was last heard of.
  if ! kubelet_healthy; then
    echo "the kubelet is not healthy"
    return 1
  fi
  if ! ask_node; then
    case $status in
      000) if [[ -e /var/lib/kubelet/pki/kubelet-client-current.pem ]]; then
        echo "$API does not answer this node, or with a certificate of another cluster"
      else
        echo "the kubelet has no client certificate yet"
      fi ;;
      401) echo "$API does not accept this kubelet's certificate: it is from an earlier cluster or has expired" ;;
      404) echo "node $NAME is not registered" ;;
      *) echo "$API answers with http status $status" ;;
    esac
    return 1
  fi
  if [[ ! $node =~ $condition ]]; then
    echo "node $NAME has no condition yet"
    return 1
  fi
  if [[ ${BASH_REMATCH[1]} != True ]]; then
    echo "node $NAME is not ready: ${BASH_REMATCH[3]}"
    return 1
  fi
  if ! heard_since_start "${BASH_REMATCH[2]}"; then
    echo "node $NAME was ready, and its kubelet has not been heard since it started"
    return 1
  fi
  if [[ $node != *"\"type\":\"InternalIP\",\"address\":\"$ADDRESS\""* ]]; then
    echo "node $NAME is not at $ADDRESS"
    return 1
  fi
  echo "node $NAME is ready at $ADDRESS"
}

apply() {
  local node status age
  start_services
  ask_node || true
  [[ $status == 404 ]] || return 0
  kubelet_age
  # One that has just started is about to register.
  if ((age >= 15)); then systemctl restart kubelet; fi
}
