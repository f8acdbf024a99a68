# shellcheck shell=bash
# Sourced by all of the lab's scripts: where things are, what to say, and Debian packages.

# shellcheck disable=SC2034 # used by the scripts that source this file
lab_dir=${KPROV_LAB_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/kprov-lab}
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
recipe=$project/templates/docker # of the node image, a part of kprov itself
# shellcheck source-path=SCRIPTDIR source=../../../templates/docker/debian.sh
. "$recipe/debian.sh"
# shellcheck source-path=SCRIPTDIR source=../../../templates/docker/archive.sh
. "$recipe/archive.sh"

say() { printf '%s\n' "lab: $*" >&2; }
die() { say "$*"; exit 1; }

# debian_install PACKAGE[/SUITE]...: installs them if any is missing. policy-rc.d answers 101 ("action forbidden")
# meanwhile, so that no package starts its daemon outside the lab's namespace. A suite is for a package that is there
# from elsewhere already and stands in the way of the others.
debian_install() {
  local missing=() package guard=/usr/sbin/policy-rc.d
  for package; do
    [ "$(dpkg-query -Wf '${db:Status-Status}' "${package%/*}" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing ${missing[*]}"
  (
    [ ! -e $guard ] || mv $guard $guard.before-lab
    trap 'rm -f $guard; [ ! -e $guard.before-lab ] || mv $guard.before-lab $guard' EXIT
    printf '#!/bin/sh\nexit 101\n' > $guard
    chmod 755 $guard
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -qq -y --no-install-recommends --allow-downgrades "$@" >/dev/null
  )
}

# node_tag: the node image's name:tag, by the rule in templates/docker/Dockerfile.
node_tag() { (cd "$recipe" && echo "kprov-node:$(xargs cat < FILES | sha256sum | cut -c 1-12)"); }
