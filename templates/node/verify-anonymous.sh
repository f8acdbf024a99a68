# shellcheck shell=bash
# Proves that the API server refuses somebody who does not say who he is: it reads no secret without a certificate.
# Needs nothing. Goes through kubectl for the address.

check() {
  local server answer code
  server=$(kubectl config view --minify -o jsonpath='{.clusters[0].cluster.server}')
  answer=$(curl -sS -k -m 5 --noproxy '*' -w '\n%{http_code}' "$server/api/v1/namespaces/kube-system/secrets" 2>&1) || true
  code=${answer##*$'\n'}
  case $code in
    401 | 403) echo "$server answers a stranger with $code" ;;
    200)
      likely 1
      echo "a stranger reads the secrets of kube-system from $server"
      return 1
      ;;
    *)
      likely 2
      echo "$server: ${answer%%$'\n'*}"
      return 1
      ;;
  esac
} 2>&1
