# shellcheck shell=bash disable=SC2016,SC2034,SC2154,SC2317
# An instructor's command counts as it ends, whatever it says, and whatever it leaves behind.
step verify-lab-command
COMMAND='echo; echo "nginx  2/2"; printf "the end"' EXPECT=
holds 'nginx  2/2'
EXPECT=$'2/2\nthe end'
holds 'nginx  2/2'
EXPECT=3/3
fails "'3/3' is not in the output: nginx  2/2"
COMMAND='echo no such pod >&2; exit 7' EXPECT=
fails 'status 7: no such pod'
COMMAND='kill -KILL $$'
fails 'status 137: '
COMMAND='cat'
holds 'no output'
COMMAND='printf "a\0b\n"; echo "one \\ two"' EXPECT='one \ two'
holds 'ab'

# What is left behind holds the streams open, its own and those of the exec, and may talk for ever.
exec 4> >(cat > "$work/fourth"; echo closed > "$work/closed")
COMMAND='(echo $BASHPID > $work/left; while sleep 0.05; do echo on; done) & echo done' EXPECT=
export work
SECONDS=0
holds ''
COMMAND='sleep 600 & echo $! > $work/silent; echo done' EXPECT='done'
holds 'done'
((SECONDS < 60)) || { echo "it waited for what was left behind: $SECONDS s"; exit 1; }
exec 4>&-
wait_until 20 test -e "$work/closed" || { echo 'what was left behind holds the stream of the exec'; exit 1; }
# Nobody reads what the first says.
wait_until 20 test ! -e "/proc/$(< "$work/left")" || { echo 'it talks on'; exit 1; }
kill "$(< "$work/silent")"
