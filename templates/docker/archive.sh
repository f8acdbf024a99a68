# shellcheck shell=bash
# Sourced. Writes image archives (docker-save format), which `docker load` and `ctr images import` both read, without a
# docker daemon. Equal content gives an equal image ID.

# image_archive LAYER.tar OUT.tar NAME:TAG[,NAME:TAG...] CONFIG: one layer, which is moved away; CONFIG is the image's
# JSON "config". Prints the image ID.
image_archive() {
  local layer=$1 out=$2 names=$3 config=$4 date=2021-01-13T00:00:00Z folder arch diff id
  # As Go names it: docker asks for the computer's own.
  case $(uname -m) in
    aarch64 | arm64) arch=arm64 ;;
    *) arch=amd64 ;;
  esac
  folder=$(mktemp -d "$(dirname "$out")/archive.XXXXXX")
  mv "$layer" "$folder/layer.tar"
  diff=$(sha256sum < "$folder/layer.tar" | cut -d' ' -f1)
  printf '{"architecture":"%s","os":"linux","created":"%s","config":%s,"rootfs":{"type":"layers","diff_ids":["sha256:%s"]},"history":[{"created":"%s","comment":"kprov"}]}' \
    "$arch" "$date" "$config" "$diff" "$date" > "$folder/config.json"
  id=$(sha256sum < "$folder/config.json" | cut -d' ' -f1)
  mv "$folder/config.json" "$folder/$id.json"
  printf '[{"Config":"%s.json","RepoTags":["%s"],"Layers":["layer.tar"]}]' "$id" "${names//,/\",\"}" > "$folder/manifest.json"
  tar --sort=name --mtime="$date" --owner=0 --group=0 --numeric-owner -C "$folder" -cf "$out.part" manifest.json "$id.json" layer.tar
  mv "$out.part" "$out"
  rm -rf "$folder"
  echo "sha256:$id"
}
