# shellcheck shell=bash
# Runs a command of an instructor's: it has to end with status 0, and what it says has to hold the words of EXPECT.
# Needs COMMAND, EXPECT: words, or nothing. Runs on the first control plane.

# lab_command: what the command says, and in a line of its own how it ended.
lab_command() {
  local within=() status=0
  # macOS has no such program.
  [ -z "$(type -P timeout)" ] || within=(timeout -k 5 60)
  # What it leaves behind would keep this exec waiting with what it inherited.
  ${within[@]+"${within[@]}"} bash -c "$COMMAND" 2>&1 </dev/null 3<&- 4>&- || status=$?
  printf '\n\036ended %s\n' "$status"
}

check() {
  local said='' status='' first line
  # Not to the end of the stream, which a process that the command left behind may never reach.
  while IFS= read -r line; do
    if [[ $line == $'\036ended '* ]]; then
      status=${line##* }
      break
    fi
    said+=$line$'\n'
  done < <(lab_command)
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
