# shellcheck shell=bash disable=SC2034,SC2154,SC2317
# Lines of /etc/fstab that turn swap on are commented, others stay as they are.
step swap
in_container() { return 1; }
double swapoff ''
printf '# swap none swap\nUUID=1 / ext4 defaults 0 1\n/swap.img\tnone\tswap\tsw 0 0\n' > /etc/fstab
if [[ $(wc -l < /proc/swaps) == 1 ]]; then fails 'comes back at boot: /swap.img'; fi
do_apply
same "$answer" 0
same "$(< /etc/fstab)" $'# swap none swap\nUUID=1 / ext4 defaults 0 1\n# kprov: /swap.img\tnone\tswap\tsw 0 0'
if [[ $(wc -l < /proc/swaps) == 1 ]]; then holds 'swap is off'; fi
in_container() { return 0; }
holds 'left alone'
# Settings of zram that somebody wrote are kept, so that a reset can bring them back; what is kprov's alone goes with it.
in_container() { return 1; }
mkdir -p /etc/systemd
zram=/etc/systemd/zram-generator.conf
printf '[zram0]\n' > $zram
no_zram
no_zram
same "$(< $zram.before-kprov)" '[zram0]'
[[ -e $zram && ! -s $zram ]]
rm $zram $zram.before-kprov
no_zram
no_zram
[[ -e $zram && ! -e $zram.before-kprov ]]
same "$(grep -c "^$zram\$" /var/lib/kprov/installed)" 1
