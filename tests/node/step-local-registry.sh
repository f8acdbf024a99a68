# shellcheck shell=bash disable=SC2034,SC2154
# A runtime is told what the tags stand for of the images that the node has, as a registry says it, and of no others.
program=$scripts/../local-registry/local-registry.sh
export RUNTIME=containerd IMAGES='docker.io/library/nginx:latest registry.example:5000/team/web:1'
blobs=/var/lib/containerd/io.containerd.content.v1.content/blobs/sha256
mkdir -p "$blobs"
# Korean is more bytes than characters, and a document may end in a newline.
printf '{"schemaVersion":2,"note":"강의"}\n' > "$work/manifest"
sum=$(sha256sum < "$work/manifest")
sum=${sum%% *}
cp "$work/manifest" "$blobs/$sum"
type=application/vnd.oci.image.index.v1+json
double ctr "echo 'REF TYPE DIGEST SIZE PLATFORMS LABELS'
case \"\$*\" in
  *name==docker.io/library/nginx:latest) echo \"docker.io/library/nginx:latest $type sha256:$sum 60.1 MiB linux/amd64 -\" ;;
esac"
# asked METHOD TARGET: the head of the answer in `head`, what follows it in the file `body`.
asked() {
  printf '%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n\r\n' "$1" "$2" | bash "$program" > "$work/answer"
  head=$(sed '/^\r$/q' "$work/answer" | tr -d '\r')
  sed '1,/^\r$/d' "$work/answer" > "$work/body"
}
manifests=/v2/library/nginx/manifests

asked GET /v2/
same "$(head -n 1 <<< "$head")" 'HTTP/1.1 200 OK'
asked GET "$manifests/latest?ns=docker.io"
same "$head" "HTTP/1.1 200 OK
Docker-Distribution-Api-Version: registry/2.0
Content-Type: $type
Docker-Content-Digest: sha256:$sum
Content-Length: $(stat -c %s "$work/manifest")
Connection: close"
cmp "$work/manifest" "$work/body"
whole=$head
asked HEAD "$manifests/latest?ns=docker.io"
same "$head" "$whole"
same "$(stat -c %s "$work/body")" 0
asked GET "$manifests/sha256:$sum?ns=docker.io"
same "$head" "$whole"

# found TARGET: the status of what is answered.
found() { asked HEAD "$1"; head -n 1 <<< "$head" | cut -d ' ' -f 2; }
# Docker does not say whose image it means: its own registry's.
same "$(found "$manifests/latest")" 200
for other in "$manifests/1.22?ns=docker.io" "$manifests/latest?ns=quay.io" "/v2/nginx/manifests/latest?ns=docker.io" \
  "$manifests/sha256:${sum//[0-9]/0}?ns=docker.io" "/v2/library/nginx/blobs/sha256:$sum?ns=docker.io" \
  "/v2/library/../nginx/manifests/latest" /etc/passwd /; do
  [[ $(found "$other") == 421 ]] || { echo "found: $other"; exit 1; }
done
# One that kprov brought and that somebody has removed.
same "$(found '/v2/team/web/manifests/1?ns=registry.example%3A5000')" 421
# Whoever says nothing gets no answer.
same "$(bash "$program" < /dev/null)" ''

# Docker: by the config's digest, which is the image's own.
export RUNTIME=docker
configs=/var/lib/docker/image/overlay2/imagedb/content/sha256
mkdir -p "$configs"
printf '{"architecture":"amd64"}' > "$configs/$sum"
double docker "[[ \$* == *' docker.io/library/nginx:latest' ]] || exit 1
echo sha256:$sum"
asked GET "$manifests/latest"
same "$(head -n 1 <<< "$head")" 'HTTP/1.1 200 OK'
same "$(grep -o '"config":.*}' "$work/body")" "\"config\":{\"mediaType\":\"application/vnd.docker.container.image.v1+json\",\"size\":24,\"digest\":\"sha256:$sum\"},\"layers\":[]}"
same "$(grep Docker-Content-Digest <<< "$head")" "Docker-Content-Digest: sha256:$(sha256sum < "$work/body" | cut -d ' ' -f 1)"
same "$(found "$manifests/1.22")" 421
same "$(found '/v2/team/web/manifests/1')" 421

step local-registry
IMAGES=$'docker.io/library/nginx:latest\ndocker.io/library/busybox:1.36' PROGRAM='#!/bin/bash' PORT=5020
listens() { [[ $(calls) == *'restart kprov-local-registry.socket'* ]]; }
fails 'is not as wanted'
do_apply
same "$answer" 0
fails 'is not as wanted' # at boot
mkdir -p /etc/systemd/system/sockets.target.wants
ln -s ../kprov-local-registry.socket /etc/systemd/system/sockets.target.wants/
holds 'a pod of docker.io/library/nginx:latest, docker.io/library/busybox:1.36 needs no other registry'
if [[ -n $(type -P systemd-analyze) ]]; then
  systemd-analyze verify /etc/systemd/system/kprov-local-registry.socket 2>&1 | { ! grep kprov-local-registry; }
fi
IMAGES=docker.io/library/nginx:latest
fails 'is not as wanted'
