# shellcheck shell=bash disable=SC2034,SC2154
# Our block comes and is kept up to date, a loopback line for the node goes, everything else stays.
step hosts
read -r name < /proc/sys/kernel/hostname
NAME=$name HOSTS=$'10.0.0.10 cp\n10.0.0.11 w1 w1.example'
printf '127.0.0.1 localhost\n127.0.1.1 %s.example %s\n127.0.2.1 other %s\n::1 localhost\n10.9.9.9 mine # a note' "$NAME" "$NAME" "$NAME" > /etc/hosts
fails '/etc/hostname'
do_apply
holds "the host name is $NAME"
same "$(< /etc/hosts)" $'127.0.0.1 localhost\n127.0.2.1 other\n::1 localhost\n10.9.9.9 mine # a note\n# kprov begin\n'"$HOSTS"$'\n# kprov end'
HOSTS='10.0.0.12 w2'
fails 'kprov'
do_apply
holds ''
same "$(grep -c kprov /etc/hosts)" 2
same "$(tail -n 2 /etc/hosts | head -n 1)" '10.0.0.12 w2'
# A file that is a mount can only be written in place, as in containers.
mount --bind /etc/hosts /etc/hosts
HOSTS='10.0.0.13 w3'
do_apply
same "$answer" 0
holds ''
[[ ! -e /etc/hosts.kprov-part ]]
