#!/usr/bin/env bash
# Makes the image of kprov's container nodes with nothing but a Debian mirror, as an archive for `docker load`.
# usage: build-from-mirror.sh OUT.tar NAME:TAG [MIRROR]
# MIRROR is for instance http://deb.debian.org/debian. Without it a Debian 12 computer's own apt sources serve, and
# elsewhere that address. Needs mmdebstrap; as another user than root also newuidmap and newgidmap (package uidmap).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=debian.sh
. "$here/debian.sh"
# shellcheck source-path=SCRIPTDIR source=archive.sh
. "$here/archive.sh"
[ $# -ge 2 ] || { sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; exit 2; }
out=$1 name=$2 mirror=${3:-}

scratch=$(mktemp -d "$(dirname "$out")/kprov-node.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
if [ -n "$mirror" ]; then
  printf 'deb %s %s main\n' "$mirror" bookworm "$mirror" bookworm-updates
else
  debian_sources deb
fi > "$scratch/sources"
[ -s "$scratch/sources" ] || printf 'deb http://deb.debian.org/debian bookworm main\n' > "$scratch/sources"

copy=$(cd "$here" && printf '%q ' copy-in "$PWD"/{setup.sh,first-boot.sh,first-boot.service} /kprov-setup)
# shellcheck disable=SC2016 # $1 is the root, for mmdebstrap's own shell
debian_root minbase "$(grep -v '^#' "$here/packages" | paste -sd,)" "$scratch/layer.tar" \
  --customize-hook='mkdir "$1/kprov-setup"' --customize-hook="$copy" \
  --customize-hook='chroot "$1" sh /kprov-setup/setup.sh' < "$scratch/sources"

# The same settings as the Dockerfile's.
image_archive "$scratch/layer.tar" "$out" "$name" \
  '{"Entrypoint":["/sbin/init"],"Env":["container=docker"],"Volumes":{"/var":{}},"ExposedPorts":{"22/tcp":{}},"StopSignal":"SIGRTMIN+3"}'
