# shellcheck shell=bash
# Guarantees: the kubelet is healthy and the cluster sees this node as Ready, at ADDRESS. Asked with the kubelet's own certificate. A node object
# that somebody deleted comes back by restarting the kubelet, which registers only when it starts.
# Needs: NAME, ADDRESS, API (https://host:6443).

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

check() {
  local node status condition='"type":"Ready","status":"([^"]*)"[^}]*"message":"([^"]*)"'
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
    echo "node $NAME is not ready: ${BASH_REMATCH[2]}"
    return 1
  fi
  if [[ $node != *"\"type\":\"InternalIP\",\"address\":\"$ADDRESS\""* ]]; then
    echo "node $NAME is not at $ADDRESS"
    return 1
  fi
  echo "node $NAME is ready at $ADDRESS"
}

apply() {
  local node status started now
  systemctl start containerd kubelet
  ask_node || true
  [[ $status == 404 ]] || return 0
  # One that has just started is about to register.
  started=$(systemctl show -p ActiveEnterTimestampMonotonic kubelet)
  read -r now _ < /proc/uptime
  if ((${now%.*} - ${started#*=} / 1000000 >= 15)); then systemctl restart kubelet; fi
}
