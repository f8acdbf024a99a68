# shellcheck shell=bash
# Guarantees: Docker is there, of a version that this Kubernetes gets on with: FROM or later and earlier than BELOW. What
# is installed and fits stays; else from the payload if there is one, else the distribution's package. Whether it runs
# is for the step that writes its configuration.
# Needs: SHA256 and ENCODING (none or gzip; both empty without a payload), FROM and BELOW. Payload: an official static
# archive (docker/dockerd and the rest), which goes to /usr/local/bin. A containerd or runc that the node has stays.

docker_programs=(/usr/local/bin/dockerd /usr/local/bin/docker /usr/local/bin/docker-proxy)

unit_path=/etc/systemd/system/docker.service
# dockerd looks for a containerd that runs, and starts its own where there is none.
# shellcheck disable=SC2016 # MAINPID is systemd's
unit='[Unit]
Description=Docker Application Container Engine
Documentation=https://docs.docker.com
Wants=network-online.target containerd.service
After=network-online.target containerd.service firewalld.service
[Service]
ExecStartPre=-/sbin/modprobe overlay
ExecStart=/usr/local/bin/dockerd
ExecReload=/bin/kill -s HUP $MAINPID
Type=notify
Delegate=yes
KillMode=process
Restart=always
RestartSec=2
TimeoutStartSec=0
LimitNPROC=infinity
LimitCORE=infinity
LimitNOFILE=infinity
TasksMax=infinity
[Install]
WantedBy=multi-user.target'

# docker_version: sets `docker_version`, starting dockerd only when its program changed.
docker_version() {
  local program fingerprint text cache=${kprov_state:?}/docker-version
  docker_version=
  program=$(type -P dockerd) && fingerprint "$program" || return 1
  if read_file "$cache" && [[ $text == "$fingerprint "* ]]; then
    docker_version=${text#"$fingerprint "}
    docker_version=${docker_version%$'\n'}
    return
  fi
  # "Docker version 20.10.24+dfsg1, build 5d6db84"
  read -r _ _ docker_version _ < <("$program" --version)
  docker_version=${docker_version%,}
  write_file "$cache" 644 <<< "$fingerprint $docker_version"
}

fits() { docker_version && ! older "$docker_version" "$FROM" && older "$docker_version" "$BELOW"; }

# from_here: whether it is to be the payload's; what was so once follows the payload.
from_here() { [[ -n $SHA256 ]] && { [[ -e ${kprov_state:?}/archives/docker ]] || ! fits; }; }

check() {
  local program docker_version
  for program in dockerd docker; do
    if ! type -P "$program" >/dev/null; then
      echo "$program is missing"
      return 1
    fi
  done
  if from_here && ! remembered docker "$SHA256" "${docker_programs[@]}"; then
    echo "docker is another version or changed"
    return 1
  fi
  if from_here && ! same_file $unit_path "$unit"; then
    echo "the unit of docker is missing or not as wanted"
    return 1
  fi
  if ! fits; then
    echo "docker $docker_version does not fit this kubernetes, which takes $FROM and later, but earlier than $BELOW"
    return 1
  fi
  echo "docker $docker_version is there"
}

# has_other PROGRAM: whether the node has it, and not out of this archive.
has_other() {
  local program text
  program=$(type -P "$1") || return 1
  read_file "$kprov_state/installed" || true
  [[ $'\n'$text != *$'\n'"$program"$'\n'* ]]
}

write_unit() {
  write_file $unit_path 644 <<< "$unit"
  systemctl daemon-reload
}

from_payload() {
  local path name part=/usr/local/bin/.kprov-part
  # From here on it is kprov's, also when the power is cut before all of it is there.
  write_file "$kprov_state/archives/docker" 644 < /dev/null
  rm -rf "$part"
  mkdir -p "$part"
  receive "$part/archive" "$SHA256" "$ENCODING"
  tar -xf "$part/archive" -C "$part" --no-same-owner
  for path in "$part"/docker/*; do
    name=${path##*/}
    # dockerd takes the containerd that runs already, which would not fit a shim of another version.
    case $name in
      containerd* | ctr) ! has_other containerd || continue ;;
      runc) ! has_other runc || continue ;;
    esac
    installed "/usr/local/bin/$name"
    mv -f "$path" /usr/local/bin/
  done
  rm -rf "$part"
  installed $unit_path
  write_unit
  remember docker "$SHA256" "${docker_programs[@]}"
}

apply() {
  local docker_version
  if from_here; then
    remembered docker "$SHA256" "${docker_programs[@]}" || from_payload
    same_file $unit_path "$unit" || write_unit
    # What runs is the one before.
    systemctl try-restart docker
  elif [[ -z $(type -P dockerd) ]]; then
    # In Debian and Ubuntu; from Docker itself; in Fedora and its relatives.
    install_packages docker.io || install_packages docker-ce docker-ce-cli || install_packages moby-engine || {
      echo "no docker here and no package of it: use a pack that has it"
      return 1
    }
  fi
}
