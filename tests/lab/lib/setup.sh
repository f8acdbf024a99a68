# shellcheck shell=bash
# Sourced by lab: everything that is made once.

# fresh FILE SOURCE...: whether FILE records that its product was made from just these sources; `record` writes it.
digest() { cat "$@" | sha256sum; }
fresh() { [ -e "$1" ] && [ "$(cat "$1")" = "$(digest "${@:2}")" ]; }
record() { digest "${@:2}" > "$1"; }

setup() {
  check_machine
  debian_install docker.io containerd runc iptables iproute2 util-linux procps curl ca-certificates openssh-client \
    docker-registry vagrant mmdebstrap xz-utils pigz zstd
  [ -n "$(debian_sources deb)" ] || apt-get update -qq
  [ -e "$lab_dir/key" ] || ssh-keygen -q -t ed25519 -N '' -C kprov-lab -f "$lab_dir/key"
  node_image &
  local node=$!
  kubernetes_programs
  container_images
  wait $node
  pack
  say "ready in $lab_dir"
}

check_machine() {
  [ "$(id -u)" = 0 ] || die "must run as root"
  [ "$(uname -m)" = x86_64 ] || die "made for x86_64, this is $(uname -m)"
  # shellcheck source=/dev/null
  [ "$(. /etc/os-release && echo "$VERSION_CODENAME")" = bookworm ] || die "made for Debian 12 (bookworm)"
  grep -q ' /sys/fs/cgroup' /proc/mounts || die "no cgroup hierarchy below /sys/fs/cgroup"
}

node_image() {
  local home=$lab_dir/node-image made_from
  mapfile -t made_from < <(sed "s#^#$recipe/#" "$recipe/FILES")
  if fresh "$home/made-from" "${made_from[@]}"; then return; fi
  say "making the node image"
  mkdir -p "$home"
  bash "$recipe/build-from-mirror.sh" "$home/image.tar" "$(node_tag)" > "$home/image.id"
  record "$home/made-from" "${made_from[@]}"
}

# The prebuilt tarball where there is one, else a build from source, which takes about 10 minutes.
kubernetes_programs() {
  local programs=$lab_dir/kubernetes prebuilt=${KPROV_LAB_KUBERNETES:-} tarball=kubernetes-1.20.2-linux-amd64.tar.xz
  if [ -z "$prebuilt" ]; then
    [ -e "$programs/complete" ] || { say "building Kubernetes"; "$here/kubernetes/build.sh"; }
    return
  fi
  [ -e "$prebuilt/$tarball" ] || die "KPROV_LAB_KUBERNETES is $prebuilt, where there is no $tarball"
  if fresh "$programs/complete" "$prebuilt/SHA256SUMS"; then return; fi
  say "unpacking $tarball"
  (cd "$prebuilt" && sha256sum --quiet -c SHA256SUMS) || die "$prebuilt/$tarball is damaged"
  mkdir -p "$programs"
  tar -xJf "$prebuilt/$tarball" -C "$programs"
  (cd "$programs" && sha256sum --quiet -c SHA256SUMS)
  record "$programs/complete" "$prebuilt/SHA256SUMS"
}

container_images() {
  local made_from=("$here/kubernetes/images.sh" "$recipe/archive.sh" "$lab_dir/kubernetes/complete")
  if fresh "$lab_dir/images/made-from" "${made_from[@]}"; then return; fi
  say "making the container images"
  "$here/kubernetes/images.sh"
  record "$lab_dir/images/made-from" "${made_from[@]}"
}
