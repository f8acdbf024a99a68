#!/usr/bin/env bash
# Checks the lab's own scripts and the recipe of the node image: shellcheck, and that FILES names what is there.
# Exit status 77 when shellcheck is missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
command -v shellcheck >/dev/null || { echo "skipped: shellcheck is not installed"; exit 77; }

mapfile -t scripts < <(grep -rlE '^#!/.*sh$|^# shellcheck shell=' tests/lab templates/docker)
# One program as far as shellcheck can see: lab and its parts share their variables.
sed -e '/^for part in/,/^done/d' tests/lab/lab | cat - tests/lab/lib/{common,inside,setup,pack,settings,up,down,hosts,demo}.sh \
  | shellcheck --shell=bash --external-sources --exclude=SC1091,SC1128 -
shellcheck --external-sources --exclude=SC2154,SC2034 "${scripts[@]}"
for script in "${scripts[@]}"; do bash -n "$script"; done

listed=$(sort templates/docker/FILES)
present=$(find templates/docker -type f ! -name FILES -printf '%f\n' | sort)
[ "$listed" = "$present" ] || { echo "templates/docker/FILES does not name just the files beside it"; exit 1; }
echo "checked ${#scripts[@]} scripts"
