# shellcheck shell=bash
# Proves that pods reach a service by its cluster address, from every node.
# Needs NAMESPACE, PROBES: words "node/pod/address". Goes through kubectl.

check() {
  local probe from=() address said failed=''
  address=$(kubectl --request-timeout=5s -n "$NAMESPACE" get service probe -o jsonpath='{.spec.clusterIP}')
  for probe in $PROBES; do
    IFS=/ read -r -a from <<<"$probe"
    said=$(from_pod "${from[1]}" "${from[2]}" "/to/$address/name") || true
    [[ $said == probe-* ]] || failed+="; a pod on ${from[0]} does not reach $address: ${said:-no answer}"
  done
  if [ -n "$failed" ]; then
    echo "${failed#; }"
    return 1
  fi
  echo "a pod of every node reaches the service probe ($address)"
} 2>&1
