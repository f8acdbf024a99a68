#!/bin/bash
# A registry of the images that kprov has brought to this node, for its container runtime alone. A kubelet that is to
# pull an image always (imagePullPolicy: Always, the default for the tag latest) asks a registry what the tag stands for,
# also where the node has the image. The answer is: for the one that the node has. The runtime sees that it lacks nothing
# of that one, so that only manifests are ever sent. For whatever else is asked for the runtime goes on to the registry
# that the image is named after; where nobody has it, containerd shows the user what was answered here.
#
# systemd starts it for every connection, which is its standard input and output. It speaks as much of
# https://github.com/opencontainers/distribution-spec as a pull needs.
# Environment: RUNTIME (containerd or docker), IMAGES (whole names, as "docker.io/library/nginx:latest").

content=/var/lib/containerd/io.containerd.content.v1.content/blobs/sha256
configs=/var/lib/docker/image/overlay2/imagedb/content/sha256

# manifest IMAGE: sets `type`, `digest` and `text` to the manifest of an image that the node has; fails when it has not.
manifest() {
  local name='' id
  if [[ ${RUNTIME:?} == docker ]]; then
    # Docker keeps no manifest of what was loaded. It knows an image that it has by the config, whatever the layers are.
    id=$(docker image inspect --format '{{.Id}}' "$1" 2>/dev/null) || return 1
    type=application/vnd.docker.distribution.manifest.v2+json
    printf -v text '{"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"%s","size":%s,"digest":"%s"},"layers":[]}' \
      "$type" application/vnd.docker.container.image.v1+json "$(stat -c %s "$configs/${id#sha256:}")" "$id"
    digest=$(printf %s "$text" | sha256sum)
    digest=sha256:${digest%% *}
  else
    { read -r && read -r name type digest _; } < <(ctr -n k8s.io images ls "name==$1")
    [[ $name == "$1" && -r $content/${digest#sha256:} ]] || return 1
    # To the last byte, a final newline included.
    text=$(cat "$content/${digest#sha256:}" && echo .)
    text=${text%.}
  fi
}

# answer STATUS [HEADER...]: and `text`, of which a HEAD is told the length only.
answer() {
  local LC_ALL=C
  printf '%s\r\n' "HTTP/1.1 $1" 'Docker-Distribution-Api-Version: registry/2.0' "${@:2}" \
    "Content-Length: ${#text}" 'Connection: close' ''
  [[ $method == HEAD ]] || printf %s "$text"
}

read -r -t 10 method target _ || exit 0
while IFS= read -r -t 10 line && [[ -n ${line%$'\r'} ]]; do :; done

path=${target%%\?*} text=''
# containerd says which registry it means; Docker asks others for images of its own registry only.
registry=docker.io
[[ ! $target =~ [?\&]ns=([^\&]+) ]] || registry=${BASH_REMATCH[1]//%3A/:}
if [[ $path == /v2/ ]]; then
  answer '200 OK'
  exit
elif [[ $path =~ ^/v2/(.+)/manifests/([^/]+)$ ]]; then
  name=$registry/${BASH_REMATCH[1]} version=${BASH_REMATCH[2]}
  for image in ${IMAGES:?}; do
    # By its digest too, which is not known before.
    [[ $image == "$name:$version" || ($version == sha256:* && ${image%:*} == "$name") ]] || continue
    if manifest "$image" && [[ $version != sha256:* || $version == "$digest" ]]; then
      answer '200 OK' "Content-Type: $type" "Docker-Content-Digest: $digest"
      exit
    fi
  done
fi
text=''
answer '421 not on this node, and no other registry gave it'
