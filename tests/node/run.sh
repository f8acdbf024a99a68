#!/usr/bin/env bash
# Checks of the node scripts that need no machine: their form, and what those do that only handle files. Each runs in
# a mount namespace of its own in which the folders that it writes to are empty, so nothing of this computer changes.
# usage: tests/node/run.sh     environment: KPROV_REQUIRE, a list of tools (shellcheck, unshare) that may not be lacking
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
scripts=$here/../../templates/node
services=$here/../../templates
failed=0 skipped=0 passed=0
# What a sandbox puts here is gone with its mount namespace.
work=$(mktemp -d)
trap 'rmdir "$work"' EXIT

ok() { passed=$((passed + 1)); echo "ok       $1"; }
fail() { failed=$((failed + 1)); echo "FAILED   $1"; [[ -z ${2:-} ]] || echo "$2"; }
# lacking TOOL WHAT: a failure if the tool is required, else a skip.
lacking() {
  if [[ ,${KPROV_REQUIRE:-}, == *,"$1",* ]]; then fail "$2: $1 is required and missing"; else
    skipped=$((skipped + 1))
    echo "skipped  $2: no $1 here"
  fi
}

form() {
  local file name out
  for file in "$scripts"/*.sh; do
    name=${file##*/}
    # run.sh is the runner and has rules of its own.
    [[ $name != run.sh ]] || continue
    if ! out=$(bash -n "$file" 2>&1); then fail "$name: bash -n" "$out"; continue; fi
    [[ $(head -n 1 "$file") == '# shellcheck shell=bash' ]] || fail "$name: starts with '# shellcheck shell=bash'"
    [[ $(sed -n 2p "$file") == '# '* ]] || fail "$name: the second line begins to say what it guarantees"
    # shellcheck disable=SC2016 # expanded by the inner shell
    out=$(bash -c 'kprov_state=/nowhere; before=$(declare -F); . "$1" && declare -F check apply fact | tr "\n" " "' bash "$file" 2>&1)
    case $name in
      lib.sh) [[ -z $out ]] || fail "$name: is silent and defines no step" "$out" ;;
      fact-*) [[ $out == 'fact ' ]] || fail "$name: defines fact and nothing of a step" "$out" ;;
      *) [[ $out == 'check '* || $out == 'check apply ' ]] || fail "$name: defines check, prints nothing" "$out" ;;
    esac
    ok "$name: form"
  done
  if ! type -P shellcheck >/dev/null; then lacking shellcheck "shellcheck of all scripts"; return; fi
  if out=$(shellcheck -x -P SCRIPTDIR -s bash "$scripts"/*.sh "$services"/{load-balancer,local-registry,verify}/*.sh "$here"/*.sh 2>&1); then ok "shellcheck"; else fail "shellcheck" "$out"; fi
}

form
if unshare -m true 2>/dev/null; then
  for file in "$here"/step-*.sh; do
    name=${file##*/step-}
    # The runner's part: the library, the step, and then the test's own sentences about it.
    if out=$(unshare -m --propagation private bash "$here/sandbox.sh" "$scripts" "$file" "$work" 2>&1); then ok "${name%.sh}"; else fail "${name%.sh}" "$out"; fi
  done
else
  lacking unshare "steps that handle files (needs root)"
fi
echo "$passed passed, $failed failed, $skipped skipped"
[[ $failed == 0 ]]
