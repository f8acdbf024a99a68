# shellcheck shell=bash
# Guarantees: on this control plane kubectl reaches the cluster without further ado, for root and for the user who logs
# in, by the file ~/.kube/config, as kubeadm tells its users to make it. What they change in it (the current namespace,
# more contexts) stays. A file that was there before kprov is left alone.
# Needs: nothing; sudo says who logs in.

# kubectl_users: sets `users` to lines "name user-id group-id home" of those who have a home.
kubectl_users() {
  local name id group home found=' '
  users=()
  while IFS=: read -r name _ id group _ home _; do
    [[ $name == root || $name == "${SUDO_USER-}" ]] || continue
    found+="$name "
    [[ ! -d $home ]] || users+=("$name $id $group $home")
  done < /etc/passwd
  # One that this computer knows from elsewhere.
  [[ -n ${SUDO_USER-} && $found != *" $SUDO_USER "* ]] || return 0
  while IFS=: read -r name _ id group _ home _; do
    [[ ! -d $home ]] || users+=("$name $id $group $home")
  done < <(getent passwd "$SUDO_USER")
}

# administrator: sets `administrator` to the certificate in admin.conf. It is nobody else's, and a new one after a renewal.
administrator() {
  local text
  administrator=
  read_file /etc/kubernetes/admin.conf || return 1
  [[ ! $text =~ client-certificate-data:\ *([^[:space:]]+) ]] || administrator=${BASH_REMATCH[1]}
  [[ -n $administrator ]]
}

# state_of FILE: sets `state` to current, old (kprov's, or not there) or foreign.
state_of() {
  local text
  state=old
  if read_file "$1"; then
    if [[ $text == *"$administrator"* ]]; then state=current; return; fi
    read_file "${kprov_state:?}/installed" || true
    [[ $'\n'$text == *$'\n'"$1"$'\n'* ]] || state=foreign
  fi
}

check() {
  local users user name home administrator state names='' foreign=''
  if ! administrator; then
    echo "/etc/kubernetes/admin.conf is missing"
    return 1
  fi
  kubectl_users
  for user in ${users[@]+"${users[@]}"}; do
    read -r name _ _ home <<< "$user"
    state_of "$home/.kube/config"
    case $state in
      old)
        echo "$home/.kube/config is not this cluster's"
        return 1
        ;;
      foreign) foreign+="; $home/.kube/config was there before kprov and is left alone" ;;
      *) names+="${names:+, }$name" ;;
    esac
  done
  echo "kubectl reaches the cluster for ${names:-nobody yet}$foreign"
}

apply() {
  local users user id group home administrator state file
  administrator
  kubectl_users
  for user in ${users[@]+"${users[@]}"}; do
    read -r _ id group home <<< "$user"
    file=$home/.kube/config
    state_of "$file"
    [[ $state == old ]] || continue
    installed "$file"
    write_file "$file" 600 < /etc/kubernetes/admin.conf
    chown "$id:$group" "${file%/*}" "$file"
  done
}
