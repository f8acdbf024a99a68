# shellcheck shell=bash
# Guarantees: Docker has all IMAGES.
# Needs: IMAGES (lines of full references, "docker.io/library/nginx:latest"). Payload: an image archive that holds them,
# as it is or by gzip.

# list_images: sets `text` to a line for every image, by the name that Docker shows. The answer is kept for as long as
# Docker's own list of names stays the same.
list_images() {
  local fingerprint cache=${kprov_state:?}/images format='{{.Repository}}:{{.Tag}}'
  if ! fingerprint /var/lib/docker/image/overlay2/repositories.json; then
    text=$'\n'$(docker image ls --format "$format")$'\n'
    return
  fi
  if ! read_file "$cache" || [[ $text != "$fingerprint"$'\n'* ]]; then
    text=$fingerprint$'\n'$(docker image ls --format "$format")$'\n'
    printf %s "$text" | write_file "$cache" 644
  fi
}

# short_name IMAGE: sets `short`: Docker leaves its own registry out.
short_name() {
  short=${1#docker.io/}
  [[ $short == "$1" ]] || short=${short#library/}
}

check() {
  local text image short missing=
  if ! list_images; then
    echo "docker does not list its images"
    return 1
  fi
  while read -r image; do
    short_name "$image"
    [[ -z $image || $text == *$'\n'"$short"$'\n'* ]] || missing+=" $image"
  done <<< "$IMAGES"
  if [[ -n $missing ]]; then
    echo "missing:$missing"
    return 1
  fi
  image=${IMAGES%%$'\n'*}
  echo "${image##*/} is there"
}

apply() {
  local text image short
  # For `reset`: a host that was there before has images of its own.
  read_file "$kprov_state/docker-images" || true
  while read -r image; do
    short_name "$image"
    [[ -z $image || $'\n'$text == *$'\n'"$short"$'\n'* ]] || text+=$short$'\n'
  done <<< "$IMAGES"
  printf %s "$text" | write_file "$kprov_state/docker-images" 644
  docker load --quiet
}
