# shellcheck shell=bash
# Proves that no certificate of this node has expired or does within a week, and says how many days the first has left.
# Needs nothing. Runs on every node.

check() {
  local file end left first='' named bad='' now
  now=$(date +%s)
  if [ -z "$(type -P openssl)" ]; then skip "there is no openssl on this node"; fi
  while IFS='|' read -r file end; do
    [ -n "$file" ] || continue
    left=$((($(date -d "$end" +%s) - now) / 86400))
    if [ "$(date -d "$end" +%s)" -le "$now" ]; then
      bad+="; $file expired on $end"
    elif [ "$left" -lt 7 ]; then
      bad+="; $file expires in $left days"
    fi
    if [ -z "$first" ] || [ "$left" -lt "$first" ]; then first=$left named=$file; fi
  done <<<"$(ends)"
  if [ -z "$first" ]; then
    echo "there is no certificate under /etc/kubernetes and /var/lib/kubelet"
    return 1
  fi
  if [ -n "$bad" ]; then
    echo "${bad#; }"
    return 1
  fi
  echo "$first days left, the first to expire is $named"
} 2>&1

# Lines "file|end": certificates in files, and those inside of kubeconfigs.
ends() {
  local file end
  for file in /etc/kubernetes/pki/*.crt /etc/kubernetes/pki/etcd/*.crt /var/lib/kubelet/pki/kubelet-client-current.pem \
    /var/lib/kubelet/pki/kubelet.crt; do
    [ -r "$file" ] || continue
    end=$(openssl x509 -noout -enddate -in "$file") && echo "$file|${end#*=}"
  done
  for file in /etc/kubernetes/*.conf; do
    [ -r "$file" ] || continue
    end=$(sed -n 's/.*client-certificate-data: *//p' "$file" | base64 -d | openssl x509 -noout -enddate 2>/dev/null) || continue
    echo "$file|${end#*=}"
  done
}
