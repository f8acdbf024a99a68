# shellcheck shell=bash disable=SC2034,SC2154
# containerd is asked for its images only when its database changed.
step image
database=/var/lib/containerd/io.containerd.metadata.v1.bolt/meta.db
mkdir -p "${database%/*}"
echo 1 > $database
double ctr "echo \"\$*\" >> '$work/calls'; case \"\$*\" in *import*) cat > '$work/got';; *) cat '$work/images';; esac"
echo 'k8s.gcr.io/pause:3.2' > "$work/images"
IMAGES=$'k8s.gcr.io/pause:3.2' ENCODING=gzip
holds 'pause:3.2 is there'
holds ''
same "$(calls | wc -l)" 1
IMAGES=$'k8s.gcr.io/pause:3.2\ndocker.io/library/nginx:latest'
fails 'missing: docker.io/library/nginx:latest'
do_apply < <(echo archive | gzip)
same "$(< "$work/got")" archive
echo 'docker.io/library/nginx:latest' >> "$work/images"
echo 22 > $database
holds ''
IMAGES='k8s.gcr.io/pause:3'
fails 'missing: k8s.gcr.io/pause:3'
