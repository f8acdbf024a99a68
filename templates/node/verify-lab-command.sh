# shellcheck shell=bash
# Runs a command of an instructor's: it has to end with status 0, and what it says has to hold the words of EXPECT.
# Needs COMMAND, EXPECT: words, or nothing. Runs on the first control plane.

check() {
  local said status=0 first within=()
  # macOS has no such program.
  [ -z "$(type -P timeout)" ] || within=(timeout 60)
  said=$(${within[@]+"${within[@]}"} bash -c "$COMMAND" 2>&1 </dev/null) || status=$?
  first=$(grep -m 1 . <<<"$said") || first='no output'
  if [ "$status" != 0 ]; then
    echo "status $status: ${first:0:300}"
    return 1
  fi
  if [ -n "$EXPECT" ] && [[ $said != *"$EXPECT"* ]]; then
    echo "'$EXPECT' is not in the output: ${first:0:300}"
    return 1
  fi
  echo "${first:0:300}"
}
