# shellcheck shell=bash disable=SC2034,SC2154
# A Docker that fits stays, one that does not makes room for the payload's; a containerd of the node's own stays too.
step docker
older 19.03 19.08
mount -t tmpfs tmpfs /usr/local/bin
mkdir -p "$work/archive/docker"
for name in dockerd docker docker-proxy containerd ctr runc; do echo new > "$work/archive/docker/$name"; done
tar -cf "$work/archive.tar" -C "$work/archive" docker
SHA256=$(sha256sum < "$work/archive.tar") ENCODING=none FROM=19.03 BELOW=25
SHA256=${SHA256%% *}
double docker ''
double dockerd 'echo "Docker version 20.10.24+dfsg1, build 5d6db84"'
holds 'docker 20.10.24+dfsg1 is there'
BELOW=20
fails 'is another version'
payload=$SHA256
SHA256=''
fails 'takes 19.03 and later, but earlier than 20'
SHA256=$payload BELOW=25
double dockerd 'echo "Docker version 28.5.2, build ecc6942"'
double containerd ''
do_apply < "$work/archive.tar"
same "$answer" 0
[[ -e /usr/local/bin/dockerd && -e /usr/local/bin/docker-proxy && ! -e /usr/local/bin/containerd && ! -e /usr/local/bin/ctr ]]
grep -q '^ExecStart=/usr/local/bin/dockerd$' /etc/systemd/system/docker.service
grep -qx /usr/local/bin/docker "$kprov_state/installed"
remembered docker "$SHA256" "${docker_programs[@]}"
# A unit that somebody changed or deleted is written again, without the archive.
double dockerd 'echo "Docker version 20.10.24+dfsg1, build 5d6db84"'
holds 'is there'
for harm in 'sed -i s/dockerd/nothing/' rm 'ln -sf /dev/null'; do
  $harm /etc/systemd/system/docker.service
  fails 'the unit of docker is missing or not as wanted'
  do_apply < /dev/null
  same "$answer" 0
  holds 'is there'
done
double dockerd 'echo "Docker version 28.5.2, build ecc6942"'
# Without one, the archive's own goes with it.
rm -r "$kprov_state/archives" "$work/bin/containerd"
rm /usr/local/bin/*
type -P containerd > /dev/null || {
  do_apply < "$work/archive.tar"
  same "$answer" 0
  [[ -e /usr/local/bin/containerd ]]
}
