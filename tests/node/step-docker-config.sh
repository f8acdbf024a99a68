# shellcheck shell=bash disable=SC2034,SC2154
# daemon.json is JSON whatever is asked for, the first one found is kept, a kill before the restart is seen.
step docker-config
process_of() { return 0; }
double docker ''
mkdir -p /etc/docker
echo '{"debug": true}' > /etc/docker/daemon.json
MIRRORS='' BRIDGE='' SOCKET=/var/run/dockershim.sock
fails "is not kprov's"
do_apply
same "$answer" 0
same "$(calls)" $'systemctl unmask -q docker\nsystemctl enable -q docker\nsystemctl restart docker'
same "$(< /etc/docker/daemon.json.before-kprov)" '{"debug": true}'
same "$(< /etc/crictl.yaml)" $'runtime-endpoint: unix:///var/run/dockershim.sock\nimage-endpoint: unix:///var/run/dockershim.sock\ntimeout: 10'
same "$(< /etc/docker/daemon.json)" '{
  "exec-opts": ["native.cgroupdriver=systemd"],
  "live-restore": true,
  "log-driver": "json-file",
  "log-opts": {"max-file": "3", "max-size": "10m"},
  "storage-driver": "overlay2",
  "registry-mirrors": []
}'
fails 'start at boot'
touch "$kprov_state/docker-restart"
fails 'not been restarted'
rm "$work/calls"
MIRRORS=$'http://10.0.0.1:5000\nhttps://mirror.example' BRIDGE=172.28.0.1/16
fails "is not kprov's"
do_apply
same "$(calls | tail -n 1)" 'systemctl restart docker'
same "$(< /etc/docker/daemon.json.before-kprov)" '{"debug": true}'
same "$(grep -E 'bip|mirrors' /etc/docker/daemon.json)" '  "bip": "172.28.0.1/16",
  "registry-mirrors": ["http://10.0.0.1:5000", "https://mirror.example"]'
if [[ -n $(type -P python3) ]]; then python3 -m json.tool /etc/docker/daemon.json > /dev/null; fi
