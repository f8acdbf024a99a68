# shellcheck shell=bash
# What several steps need. The runner puts this file in front of them once; it runs nothing by itself.
# It gives every step KPROV_TMP (a directory of this exec) and `publish NAME VALUE`.
# Checks run on every `up`, so these helpers use bash itself instead of starting programs wherever they can.

kprov_state=/var/lib/kprov
# Says, on the first control plane, that control planes take pods by kprov's doing. It goes with the cluster.
# shellcheck disable=SC2034 # two steps'
opened=/etc/kubernetes/kprov/opened

# write_file PATH MODE: puts standard input at PATH, at once or not at all, and leaves an equal file alone.
write_file() {
  local path=$1 mode=$2 part=$1.kprov-part
  mkdir -p "${path%/*}"
  (umask 077 && cat > "$part")
  if cmp -s "$part" "$path"; then
    rm -f "$part"
  else
    chmod "$mode" "$part"
    # In a container /etc/hosts and /etc/hostname are mounts, which cannot be replaced, only written.
    mv -f "$part" "$path" 2>/dev/null || { cat "$part" > "$path" && rm -f "$part"; }
  fi
  chmod "$mode" "$path"
}

# read_file PATH: sets `text` to the file's content, to nothing when there is none.
read_file() {
  local lines=() IFS=
  text=
  [[ -r $1 ]] || return 1
  mapfile lines < "$1"
  text="${lines[*]-}"
}

# same_file PATH CONTENT: whether PATH holds exactly CONTENT and a final newline.
same_file() {
  local text
  read_file "$1" && [[ $text == "$2"$'\n' ]]
}

# What many steps ask for one by one, looked at once: lines of a path and its fingerprint, until a step changes anything.
kprov_seen=
see_files() {
  kprov_seen=$'\n'$(stat -L -c $'%n\t%i %s %y %z' /usr/bin/{containerd,kubeadm,kubelet,kubectl,crictl} \
    /var/lib/containerd/io.containerd.metadata.v1.bolt/meta.db 2>/dev/null)$'\n'
}
forget_files() { kprov_seen=; }

# fingerprint FILE...: sets `fingerprint`, which changes whenever one of the files does; fails when one is missing.
fingerprint() {
  local seen=${kprov_seen#*$'\n'"$1"$'\t'}
  if (($# == 1)) && [[ $seen != "$kprov_seen" ]]; then
    fingerprint=${seen%%$'\n'*}
    return
  fi
  fingerprint=$(stat -L -c '%i %s %y %z' "$@" 2>/dev/null)
}

# hash_of FILE: sets `hash` to its SHA-256, reading the file only when it changed since the last time.
hash_of() {
  local cache=$kprov_state/hashes/${1##*/} text fingerprint
  hash=
  fingerprint "$1" || return 1
  if read_file "$cache" && [[ $text == "$fingerprint "* ]]; then
    hash=${text#"$fingerprint "}
    hash=${hash%$'\n'}
    return
  fi
  hash=$(sha256sum < "$1") || return 1
  hash=${hash%% *}
  hash_is "$1" "$hash"
}

# hash_is FILE SHA256: tells hash_of what it would find out.
hash_is() {
  local fingerprint
  fingerprint "$1"
  write_file "$kprov_state/hashes/${1##*/}" 644 <<< "$fingerprint $2"
}

# remember NAME SHA256 FILE...: notes that the files came out of the archive with that sum.
remember() {
  local fingerprint
  fingerprint "${@:3}"
  write_file "$kprov_state/archives/$1" 644 <<< "$2"$'\n'"$fingerprint"
}

# remembered NAME SHA256 FILE...: whether they did and none was changed since.
remembered() {
  local fingerprint
  fingerprint "${@:3}" && same_file "$kprov_state/archives/$1" "$2"$'\n'"$fingerprint"
}

# installed PATH...: notes what `reset` has to remove again. Called before the files are made.
installed() {
  local path text=
  read_file "$kprov_state/installed" || true
  for path; do
    [[ $'\n'$text == *$'\n'"$path"$'\n'* ]] || text+=$path$'\n'
  done
  printf %s "$text" | write_file "$kprov_state/installed" 644
}

# receive PATH SHA256 ENCODING: puts the payload on standard input at PATH, uncompressed, if its sum is right.
receive() {
  local sum
  mkdir -p "${1%/*}"
  case $3 in
    gzip) sum=$(gzip -dc | tee "$1" | sha256sum) ;;
    *) sum=$(tee "$1" | sha256sum) ;;
  esac
  if [[ ${sum%% *} != "$2" ]]; then
    rm -f "$1"
    echo "received ${1##*/} has sha256 ${sum%% *}, wanted $2"
    return 1
  fi
}

# in_container: whether this node shares its kernel with a host.
in_container() {
  [[ -e /run/systemd/container || -e /.dockerenv || -e /run/.containerenv ]]
}

# process_of SERVICE PROGRAM: sets `pid` to that program's process in the service's cgroup. A service that is down
# may leave its cgroup behind (containerd's shims outlive it), so the cgroup alone proves nothing.
process_of() {
  local root name
  for root in /sys/fs/cgroup /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
    [[ -r $root/system.slice/$1.service/cgroup.procs ]] || continue
    while read -r pid; do
      { read -r name < "/proc/$pid/comm"; } 2>/dev/null || continue
      [[ $name != "$2" ]] || return 0
    done < "$root/system.slice/$1.service/cgroup.procs"
  done
  pid=
  return 1
}

# is_enabled SERVICE: whether it starts at boot.
is_enabled() {
  [[ -L /etc/systemd/system/multi-user.target.wants/$1.service ]]
}

# kubelet_healthy: whether the kubelet answers "ok" at its health port.
kubelet_healthy() {
  local line health
  { exec 3<> /dev/tcp/127.0.0.1/10248; } 2>/dev/null || return 1
  printf 'GET /healthz HTTP/1.0\r\n\r\n' >&3
  health=1
  if read -r -t 5 line <&3 && [[ $line == *' 200 '* ]]; then health=0; fi
  exec 3>&-
  return $health
}

# ask_node: sets `node` to the node's JSON and `status` to the HTTP status, 000 when nobody answers, `late` when the answer
# takes too long.
ask_node() {
  local certificate=/var/lib/kubelet/pki/kubelet-client-current.pem ended=0
  node="" status=000
  [[ -e $certificate ]] || return 1
  # Without pretty=false the API server indents its answers to curl.
  # shellcheck disable=SC2153 # not name
  node=$(curl -s -m 5 --cacert /etc/kubernetes/pki/ca.crt --cert $certificate --key $certificate \
    -w '\n%{http_code}' "$API/api/v1/nodes/$NAME?pretty=false") || ended=$?
  status=${node##*$'\n'}
  [[ $ended != 28 ]] || status=late # curl's own word for that
  [[ $status == 200 ]]
}

# overload: sets `overload` to how much this node has to do, where that alone may be why answers are late; else to nothing.
# A container sees the load of the computer that it shares.
overload() {
  local load all
  overload=''
  [[ -r /proc/loadavg ]] || return 0
  read -r load _ < /proc/loadavg
  load=${load%.*} all=$(nproc)
  ((load < 4 * all)) || overload+="the load is $load on $all processors"
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

# node_is_ready: whether the kubelet of this node is healthy and the cluster sees the node as Ready at ADDRESS; asked with
# the kubelet's own certificate. Says what it saw. Needs NAME, ADDRESS, API (https://host:6443).
node_is_ready() {
  local overload node status condition='"type":"Ready","status":"([^"]*)","lastHeartbeatTime":"([^"]*)"[^}]*"message":"([^"]*)"'
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
      late)
        overload
        echo "$API has not answered this node within 5 s${overload:+; $overload}"
        ;;
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
  # shellcheck disable=SC2153 # not address
  if [[ $node != *"\"type\":\"InternalIP\",\"address\":\"$ADDRESS\""* ]]; then
    echo "node $NAME is not at $ADDRESS"
    return 1
  fi
  echo "node $NAME is ready at $ADDRESS"
}

# containerd_version: sets `containerd_version`, starting containerd only when its program changed.
containerd_version() {
  local program fingerprint text cache=$kprov_state/containerd-version
  containerd_version=
  program=$(type -P containerd) && fingerprint "$program" || return 1
  if read_file "$cache" && [[ $text == "$fingerprint "* ]]; then
    containerd_version=${text#"$fingerprint "}
    containerd_version=${containerd_version%$'\n'}
    return
  fi
  # "containerd github.com/containerd/containerd 1.6.20~ds1 1.6.20~ds1-1+deb12u1", elsewhere with a leading v.
  read -r _ _ containerd_version _ < <("$program" --version)
  containerd_version=${containerd_version#v}
  write_file "$cache" 644 <<< "$fingerprint $containerd_version"
}

# older VERSION VERSION: whether the first is older than the second. What follows the three numbers does not count.
older() {
  local i own other a b
  IFS=. read -r -a own <<< "${1%%[!0-9.]*}"
  IFS=. read -r -a other <<< "${2%%[!0-9.]*}"
  for i in 0 1 2; do
    # 19.03 is no octal number.
    a=$((10#${own[i]:-0})) b=$((10#${other[i]:-0}))
    if ((a != b)); then return $((a > b)); fi
  done
  return 1
}

# run_unit start|restart UNIT...: does so. One that does not come up says why in the journal, which nobody has to look up.
run_unit() {
  local unit
  systemctl "$@" && return
  for unit in "${@:2}"; do
    ! systemctl -q is-active "$unit" || continue
    # Without what systemd itself says of each try.
    journalctl -q --no-pager -o cat -n 20 -u "$unit" | awk -v unit="$unit" '
      /^(Starting|Started|Stopping|Stopped) / || /^Failed to start / || /: (Scheduled restart job|Failed with result)/ { next }
      { said[++n] = $0 }
      END { for (i = n > 5 ? n - 4 : 1; i <= n; i++) print unit ": " said[i] }' || true
  done
  return 1
}

# start_services: starts the container runtime, whose units SERVICES names, and the kubelet.
start_services() {
  local units
  read -r -a units <<< "$SERVICES"
  run_unit start "${units[@]}" kubelet
}

# wait_until SECONDS COMMAND...: repeats the command until it succeeds; fails after that time.
wait_until() {
  local i
  for ((i = 0; i < $1 * 5; i++)); do
    if "${@:2}" >/dev/null 2>&1; then return; fi
    sleep 0.2
  done
  return 1
}

# only_kubeadm: waits for a kubeadm that an earlier, cut-off run left working. It holds the lock itself, as it inherits
# the open file, also when the shell that started it is gone.
only_kubeadm() {
  exec 9> /run/kprov-kubeadm.lock
  flock -w 600 9 || {
    echo "another kubeadm has been running for 10 minutes"
    return 1
  }
}

# os_release: sets `os` (such as centos), `os_version` (such as 7) and `os_name` (such as CentOS Linux 7 (Core)).
os_release() {
  local key value file
  os='' os_version='' os_name=''
  for file in /etc/os-release /usr/lib/os-release; do
    [[ -r $file ]] || continue
    while IFS='=' read -r key value; do
      value=${value#[\"\']}
      value=${value%[\"\']}
      case $key in
        ID) os=$value ;;
        VERSION_ID) os_version=$value ;;
        PRETTY_NAME) os_name=$value ;;
      esac
    done < "$file"
    return
  done
}

# living_mirrors: leads the package manager from mirrors that were switched off to the archive that took their place.
# Only what names such a mirror is changed; somebody's own mirror stays. Packages keep being checked by their signatures.
living_mirrors() {
  # shellcheck disable=SC2034 # of no use here
  local os_name
  local os os_version archive file
  os_release
  case $os:${os_version%%.*} in
    # CentOS 7 ended on 2024-06-30, 8 on 2021-12-31, Stream 8 on 2024-05-31; then mirrorlist.centos.org did.
    centos:7 | centos:8)
      archive=http://vault.centos.org
      for file in /etc/yum.repos.d/*.repo; do
        grep -Eqs '^[^#]*(mirrorlist|mirror)\.centos\.org|^[^#]*repo=epel-7&' "$file" || continue
        # CentOS Linux goes by the release that was its last, for ARM in a folder of its own; Stream by its name.
        sed -E -i \
          -e 's/^(mirrorlist=.*mirrorlist\.centos\.org|metalink=.*repo=epel-7&)/#\1/' \
          -e "s,^#? *baseurl=https?://mirror\.centos\.org/altarch/(\\\$releasever|7)/,baseurl=$archive/altarch/7.9.2009/," \
          -e "s,^#? *baseurl=https?://mirror\.centos\.org/centos/(\\\$releasever|7)/,baseurl=$archive/7.9.2009/," \
          -e "s,^#? *baseurl=https?://mirror\.centos\.org/\\\$contentdir/\\\$releasever/,baseurl=$archive/8.5.2111/," \
          -e "s,^#? *baseurl=https?://mirror\.centos\.org/\\\$contentdir/(\\\$stream|8-stream)/,baseurl=$archive/8-stream/," \
          -e 's,^#? *baseurl=https?://download\.(fedoraproject\.org|example)/pub/epel/7/,baseurl=http://archives.fedoraproject.org/pub/archive/epel/7/,' \
          "$file"
        echo "$file leads to $archive: its mirrors were switched off"
      done
      ;;
    debian:9 | debian:10)
      for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        grep -Eqs '^deb.*//(deb|security|httpredir|ftp[a-z.]*)\.debian\.org/' "$file" || continue
        sed -E -i \
          -e 's,https?://security\.debian\.org/(debian-security)?,http://archive.debian.org/debian-security,' \
          -e 's,https?://(deb|httpredir|ftp[a-z.]*)\.debian\.org/,http://archive.debian.org/,' "$file"
        # An archive is not signed anew.
        installed /etc/apt/apt.conf.d/90-kprov
        write_file /etc/apt/apt.conf.d/90-kprov 644 <<< 'Acquire::Check-Valid-Until "false";'
        echo "$file leads to archive.debian.org: its mirrors were switched off"
      done
      ;;
  esac
}

# install_packages PACKAGE...: by whatever package manager the distribution has, waiting for others that use it.
install_packages() {
  local attempt install=()
  living_mirrors
  if [[ -n $(type -P apt-get) ]]; then
    export DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=a
    local apt=(apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold)
    dpkg --configure -a # what a power cut interrupted
    "${apt[@]}" install --no-install-recommends "$@" </dev/null && return
    for attempt in 1 2 3; do
      # The lock of the package lists has no timeout of its own.
      if "${apt[@]}" update </dev/null && "${apt[@]}" install --no-install-recommends "$@" </dev/null; then return; fi
      ((attempt == 3)) || sleep $((attempt * 3))
    done
    return 1
  elif [[ -n $(type -P dnf) ]]; then
    install=(dnf -q -y --setopt=install_weak_deps=False)
  elif [[ -n $(type -P yum) ]]; then
    install=(yum -q -y)
  else
    echo "no apt-get, dnf or yum here"
    return 1
  fi
  # A repository that somebody added and that is gone does not matter, unless the packages are in it.
  install+=('--setopt=*.skip_if_unavailable=True' install)
  "${install[@]}" "$@" </dev/null && return
  sleep 3 # a network that is only just there
  "${install[@]}" "$@" </dev/null
}

# from_pod POD ADDRESS PATH: prints what a pod answers; on a node at its address, on any other computer by way of the
# API server. Fails with the reason.
from_pod() {
  local page
  if [[ -n ${KPROV_LOCAL:-} ]]; then
    page=$(kubectl --request-timeout=10s get --raw "/api/v1/namespaces/$NAMESPACE/pods/$1:80/proxy$3" 2>&1) || {
      echo "${page##*$'\n'}"
      return 1
    }
  elif ! page=$(curl -fsS -m 5 --noproxy '*' "http://$2$3" 2>&1); then
    echo "${page#curl: ([0-9]*) }"
    return 1
  fi
  echo "$page"
}

# other_runs: prints "name=moment" of each other verification's namespace, and when it said last that it goes on.
other_runs() {
  local line='{.metadata.name}={.metadata.annotations.kprov\.io/alive}{"\n"}'
  kubectl --request-timeout=5s get namespaces -l 'app.kubernetes.io/managed-by=kprov,kprov.io/verify,kprov.io/kept!=yes' \
    -o jsonpath="{range .items[?(@.status.phase==\"Active\")]}$line{end}" |
    tr -cd 'a-z0-9=\n-' | { grep -v "^$NAMESPACE=" || true; }
}

# pod_state POD: prints "phase|Ready|address|node|: reason: message" of a pod in NAMESPACE, waiting a moment until it is
# Ready or at its end. A reason or a message that there is not goes with its colon.
pod_state() {
  local status='.status.containerStatuses[0].state' fields phase ready address node reason message
  kubectl -n "$NAMESPACE" wait --for=condition=Ready "pod/$1" --timeout=2s >/dev/null 2>&1 || true
  fields='{.status.phase}|{.status.conditions[?(@.type=="Ready")].status}|{.status.podIP}|{.spec.nodeName}'
  fields+="|{$status.waiting.reason}{$status.terminated.reason}|{$status.waiting.message}{$status.terminated.message}"
  fields+='{.status.conditions[?(@.type=="PodScheduled")].message}'
  fields=$(kubectl --request-timeout=5s -n "$NAMESPACE" get pod "$1" -o jsonpath="$fields")
  IFS='|' read -r phase ready address node reason message <<<"$fields"
  echo "$phase|$ready|$address|$node|${reason:+: $reason}${message:+: $message}"
}

# remove_rules PROGRAM CHAIN MARK: all chains whose names are CHAIN, and every rule that has MARK or leads into such a
# chain. Both are extended regular expressions.
remove_rules() {
  local table rules chain chains
  [[ -n $(type -P "$1") ]] || return 0
  for table in filter nat mangle; do
    rules=$("$1" -w -t $table -S 2>/dev/null) || continue
    sed -En "/^-A $2( |\$)/d; /$3| -[jg] $2( |\$)/s/^-A/-D/p" <<< "$rules" | xargs -r -L 1 "$1" -w -t $table
    mapfile -t chains < <(sed -En "s/^-N ($2)\$/\1/p" <<< "$rules")
    # All are emptied before the first is deleted, as they lead into each other.
    for chain in ${chains[@]+"${chains[@]}"}; do "$1" -w -t $table -F "$chain"; done
    for chain in ${chains[@]+"${chains[@]}"}; do "$1" -w -t $table -X "$chain"; done
  done
}

# remove_networks: takes away what pod networks and kube-proxy have put into the kernel, and kprov's own pod network.
remove_networks() {
  local name
  systemctl disable --now kprov-pod-network 2>/dev/null || true
  ip -4 route flush proto 112 2>/dev/null || true
  for name in cni0 kube-ipvs0 flannel.1 vxlan.calico cilium_net cilium_vxlan; do
    [[ ! -d /sys/class/net/$name ]] || ip link delete "$name"
  done
  for name in iptables ip6tables; do remove_rules $name '(KUBE|CNI)-[^ ]*' 'kprov pod network'; done
  if [[ -n $(type -P ipset) ]]; then
    for name in $(ipset list -n 2>/dev/null | grep '^KUBE-'); do ipset destroy "$name"; done
  fi
  if [[ -n $(type -P nft) ]]; then
    for name in ip ip6; do nft delete table $name kube-proxy 2>/dev/null || true; done
  fi
}

# remove_containers: takes away what Kubernetes ran under containerd.
remove_containers() {
  local id
  for id in $(ctr -n k8s.io tasks ls -q); do ctr -n k8s.io tasks rm -f "$id" || true; done
  for id in $(ctr -n k8s.io containers ls -q); do ctr -n k8s.io containers rm "$id" || true; done
}
