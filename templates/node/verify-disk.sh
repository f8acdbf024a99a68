# shellcheck shell=bash
# Proves that the file systems that Kubernetes writes to have room: the kubelet evicts pods below a tenth, or below what
# its configuration says.
# Needs nothing. Runs on every node.

# enough SIZE FREE: whether so many KiB of so many are as much as this kubelet wants.
enough() {
  local number=10 unit=% wanted='nodefs\.available: *"?([0-9]+)(%|Mi|Gi)'
  if [[ $(cat /var/lib/kubelet/config.yaml 2>/dev/null) =~ $wanted ]]; then
    number=${BASH_REMATCH[1]} unit=${BASH_REMATCH[2]}
  fi
  case $unit in
    Gi) [ "$2" -ge $((number * 1024 * 1024)) ] ;;
    Mi) [ "$2" -ge $((number * 1024)) ] ;;
    *) [ $(($2 * 100 / $1)) -ge "$number" ] ;;
  esac
}

check() {
  local target size free inodes full='' least=100 named=''
  while read -r target size free inodes; do
    [ "$size" -gt 0 ] 2>/dev/null || continue
    if [ $((free * 100 / size)) -lt "$least" ]; then least=$((free * 100 / size)) named=$target; fi
    if ! enough "$size" "$free"; then full+="; $target has $((free / 1024)) of $((size / 1024)) MiB left"; fi
    inodes=${inodes%\%}
    if [[ $inodes =~ ^[0-9]+$ ]] && [ "$inodes" -gt 95 ]; then full+="; $target has used $inodes% of its inodes"; fi
  done <<<"$(room)"
  if [ -n "$full" ]; then
    echo "${full#; }"
    return 1
  fi
  echo "at least $least% free ($named)"
} 2>&1

# Lines "mount point, KiB in all, KiB free, inodes used in percent", each file system once.
room() {
  local path
  for path in / /var/lib/kubelet /var/lib/containerd /var/lib/docker /var/lib/etcd /var/log/pods; do
    [ ! -e "$path" ] || df -k --output=target,size,avail,ipcent "$path" | tail -n 1
  done | sort -u
}
