# shellcheck shell=bash
# Proves that pods reach the world outside of the cluster where the nodes do.
# Needs NAMESPACE, PROBES: words "node/pod/address". Runs on the first control plane.

check() {
  local probe from=() code failed='' outside=1.1.1.1
  if ! curl -sS -m 3 -o /dev/null --noproxy '*' "http://$outside/" 2>/dev/null; then
    skip "this cluster is offline: its nodes do not reach $outside either"
  fi
  for probe in $PROBES; do
    IFS=/ read -r -a from <<<"$probe"
    code=$(curl -sS -m 8 -o /dev/null -w '%{http_code}' --noproxy '*' "http://${from[2]}/to/$outside/" 2>&1) || true
    case $code in
      502 | 504 | 000 | *curl*) failed+="; a pod on ${from[0]} does not reach $outside" ;;
    esac
  done
  if [ -n "$failed" ]; then
    echo "${failed#; }"
    return 1
  fi
  echo "a pod of every node reaches $outside"
} 2>&1
