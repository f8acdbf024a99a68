# shellcheck shell=bash
# Guarantees: containerd's Kubernetes namespace has all IMAGES.
# Needs: IMAGES (lines of full references, "docker.io/library/nginx:latest"), ENCODING (none or gzip, of the payload).
# Payload: an image archive that holds them.

# list_images: sets `text` to a line for every image. `ctr` costs more than all other checks together, so its answer
# is kept for as long as containerd's database stays the same.
list_images() {
  local fingerprint cache=${kprov_state:?}/images
  if ! fingerprint /var/lib/containerd/io.containerd.metadata.v1.bolt/meta.db; then
    text=$'\n'$(ctr -n k8s.io images ls -q)$'\n'
    return
  fi
  if ! read_file "$cache" || [[ $text != "$fingerprint"$'\n'* ]]; then
    text=$fingerprint$'\n'$(ctr -n k8s.io images ls -q)$'\n'
    printf %s "$text" | write_file "$cache" 644
  fi
}

check() {
  local text image missing=
  if ! list_images; then
    echo "containerd does not list its images"
    return 1
  fi
  while read -r image; do
    [[ -z $image || $text == *$'\n'"$image"$'\n'* ]] || missing+=" $image"
  done <<< "$IMAGES"
  if [[ -n $missing ]]; then
    echo "missing:$missing"
    return 1
  fi
  image=${IMAGES%%$'\n'*}
  echo "${image##*/} is there"
}

apply() {
  if [[ $ENCODING == gzip ]]; then
    gzip -dc | ctr -n k8s.io images import -
  else
    ctr -n k8s.io images import -
  fi
}
