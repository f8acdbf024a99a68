# shellcheck shell=bash
# Guarantees: the node is called NAME, /etc/hosts holds kprov's block with every node and no loopback line for NAME,
# which would make the kubelet and kubeadm find 127.0.x.1 as the node's address.
# Needs: NAME, HOSTS (lines "address name [alias...]").

hosts_begin='# kprov begin' hosts_end='# kprov end'

# wanted_hosts: sets `wanted` to what /etc/hosts should be, keeping all that is not ours.
wanted_hosts() {
  local line word words rest inside=
  wanted=
  while IFS= read -r line || [[ -n $line ]]; do
    case $line in
      "$hosts_begin") inside=1 ;;
      "$hosts_end") inside= ;;
      127.* | ::1*)
        read -ra words <<< "$line"
        rest=
        for word in "${words[@]:1}"; do
          [[ $word == "$NAME" || $word == "$NAME".* ]] || rest+=" $word"
        done
        if [[ " ${words[*]:1}" == "$rest" ]]; then
          wanted+=$line$'\n'
        elif [[ -n $rest ]]; then
          wanted+=${words[0]}$rest$'\n'
        fi
        ;;
      *) [[ -n $inside ]] || wanted+=$line$'\n' ;;
    esac
  done < /etc/hosts
  wanted+=$hosts_begin$'\n'$HOSTS$'\n'$hosts_end
}

check() {
  local current wanted
  read -r current < /proc/sys/kernel/hostname
  if [[ $current != "$NAME" ]]; then
    echo "the host name is $current"
    return 1
  fi
  if ! same_file /etc/hostname "$NAME"; then
    echo "/etc/hostname does not say $NAME"
    return 1
  fi
  wanted_hosts
  if ! same_file /etc/hosts "$wanted"; then
    echo "/etc/hosts lacks kprov's block or maps $NAME to a loopback address"
    return 1
  fi
  echo "the host name is $NAME, /etc/hosts names every node"
}

apply() {
  local wanted
  # cloud-init would set the old name again at the next boot.
  [[ ! -d /etc/cloud/cloud.cfg.d ]] || write_file /etc/cloud/cloud.cfg.d/99-kprov.cfg 644 \
    <<< $'preserve_hostname: true\nmanage_etc_hosts: false'
  write_file /etc/hostname 644 <<< "$NAME"
  hostnamectl set-hostname "$NAME" || echo "$NAME" > /proc/sys/kernel/hostname
  # hostnamectl writes the file without asking whether it had to; make sure of the form that the check wants.
  write_file /etc/hostname 644 <<< "$NAME"
  [[ -e /etc/hosts ]] || echo '127.0.0.1 localhost' > /etc/hosts
  wanted_hosts
  write_file /etc/hosts 644 <<< "$wanted"
}
