# shellcheck shell=bash
# Proves that the file systems that Kubernetes writes to have room: the kubelet evicts pods below a tenth.
# Needs nothing. Runs on every node.

check() {
  local target size free inodes full='' least=100 named=''
  while read -r target size free inodes; do
    [ "$size" -gt 0 ] 2>/dev/null || continue
    if [ $((free * 100 / size)) -lt "$least" ]; then least=$((free * 100 / size)) named=$target; fi
    if [ $((free * 100 / size)) -lt 10 ]; then full+="; $target has $((free / 1024)) of $((size / 1024)) MiB left"; fi
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
