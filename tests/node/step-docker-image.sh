# shellcheck shell=bash disable=SC2034,SC2154
# Docker's short names are those of the whole ones, and it is asked for them only when its list changed.
step docker-image
list=/var/lib/docker/image/overlay2/repositories.json
mkdir -p "${list%/*}"
echo 1 > $list
double docker "echo \"\$*\" >> '$work/calls'; case \"\$*\" in load*) cat > '$work/got';; *) cat '$work/images';; esac"
echo 'k8s.gcr.io/pause:3.2' > "$work/images"
IMAGES='k8s.gcr.io/pause:3.2' ENCODING=gzip
holds 'pause:3.2 is there'
holds ''
same "$(calls | wc -l)" 1
IMAGES=$'k8s.gcr.io/pause:3.2\ndocker.io/library/nginx:latest\ndocker.io/calico/node:v3'
fails 'missing: docker.io/library/nginx:latest docker.io/calico/node:v3'
do_apply < <(echo archive)
same "$(< "$work/got")" archive
same "$(< "$kprov_state/docker-images")" $'k8s.gcr.io/pause:3.2\nnginx:latest\ncalico/node:v3'
printf '%s\n' nginx:latest calico/node:v3 >> "$work/images"
echo 22 > $list
holds ''
do_apply < <(echo archive)
same "$(wc -l < "$kprov_state/docker-images")" 3
