#!/usr/bin/env bash
# Runs one test of a step in a mount namespace (see run.sh): copies of /etc and empty folders lie over the real ones.
# usage: sandbox.sh SCRIPTS TEST EMPTY-FOLDER
set -euo pipefail
scripts=$1
test=$2
work=$3
mount -t tmpfs tmpfs "$work"
mkdir "$work/etc" "$work/tmp" "$work/bin"
cp -a /etc/passwd /etc/group /etc/alternatives "$work/etc/"
printf '127.0.0.1 localhost\n' > "$work/etc/hosts"
mount --bind "$work/etc" /etc
mount -t tmpfs tmpfs /var/lib
mount -t tmpfs tmpfs /opt
mount -t tmpfs tmpfs /usr/local/lib
mkdir -p /var/lib/kprov
export KPROV_TMP=$work/tmp PATH=$work/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C

# double NAME BODY: a program in front of the real one.
double() {
  printf '#!/bin/bash\n%s\n' "$2" > "$work/bin/$1"
  chmod 755 "$work/bin/$1"
}
# A test must never reach this computer's own services.
for name in systemctl hostnamectl kubeadm kubectl ctr ip iptables; do double "$name" "echo \"$name \$*\" >> '$work/calls'"; done
calls() { cat "$work/calls" 2>/dev/null || true; }

publish() { echo "published $1 $2"; }
likely() { echo "likely $*" >> "$work/likely"; }
waits() { echo "waits $*" >> "$work/waits"; }
skip() { echo "$*" > "$KPROV_TMP/why"; exit 77; }
# shellcheck source=../../templates/node/lib.sh
. "$scripts/lib.sh"
# step NAME: takes its check and apply.
step() {
  # shellcheck source=/dev/null
  . "$scripts/$1.sh"
}
# skips REASON: what the check or apply before said why it cannot be made.
skips() { [[ $answer == 77 ]] || { echo "is not skipped: $answer, ${said:-}${log:-}"; exit 1; }; said=$(< "$KPROV_TMP/why"); says "$1"; }
# As the runner does: each in its own shell, the last line is the reason.
# shellcheck disable=SC2034 # read by the tests
ask() { set +e; said=$( (set -euo pipefail; check) </dev/null 2>&1); answer=$?; set -e; said=${said##*$'\n'}; }
holds() { ask; [[ $answer == 0 ]] || { echo "check should hold, but: $said"; exit 1; }; says "$1"; }
fails() { ask; [[ $answer != 0 ]] || { echo "check should not hold: $said"; exit 1; }; says "$1"; }
says() { [[ $said == *"$1"* ]] || { echo "said '$said', not '$1'"; exit 1; }; }
# shellcheck disable=SC2034 # read by the tests
do_apply() { set +e; log=$( (set -euo pipefail; apply) 2>&1); answer=$?; set -e; }
same() { [[ $1 == "$2" ]] || { printf 'is:\n%s\nshould be:\n%s\n' "$1" "$2"; exit 1; }; }

# shellcheck source=/dev/null
. "$test"
