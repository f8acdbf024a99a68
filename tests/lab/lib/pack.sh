# shellcheck shell=bash
# Sourced by lab: the pack, a folder from which kprov takes every program and image.

pack() {
  local pack=$lab_dir/pack made_from
  made_from=("$here/lib/pack.sh" "$lab_dir/kubernetes/complete" "$lab_dir/images/list.tsv" "$lab_dir"/node-image/{image.id,made-from})
  if fresh "$pack/made-from" "${made_from[@]}"; then return; fi
  say "making the pack"
  rm -rf "$pack.new"
  mkdir -p "$pack.new"/{programs,dockers,images,node-image}
  {
    printf 'format = 1\nkubernetes = "1.20.2"\n'
    pack_programs
    pack_docker
    pack_images
    pack_file node-image kprov-node "$lab_dir/node-image/image.tar" node-image/kprov-node.tar.gz "images = [\"$(node_tag)\"]"
  } > "$pack.new/pack.toml"
  record "$pack.new/made-from" "${made_from[@]}"
  rm -rf "$pack" "$pack.tar.zst"
  mv "$pack.new" "$pack"
}

pack_programs() {
  local program version
  for program in kubeadm kubelet kubectl crictl; do
    version=1.20.2
    [ $program != crictl ] || version=1.20.0
    pack_file program $program "$lab_dir/kubernetes/$program" programs/$program.gz "version = \"$version\""
  done
}

# Debian's Docker in the form of Docker's own static archives. Its libraries are in the node image, and so are containerd
# and runc.
pack_docker() {
  local folder version
  folder=$(mktemp -d "$lab_dir/docker-archive.XXXXXX")
  mkdir "$folder/docker"
  cp -L /usr/sbin/dockerd /usr/bin/docker /usr/sbin/docker-proxy /usr/bin/docker-init "$folder/docker/"
  tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$folder" -cf "$folder/docker.tar" docker
  version=$(dpkg-query -Wf '${source:Upstream-Version}' docker.io)
  pack_file docker docker "$folder/docker.tar" dockers/docker.tar.gz "version = \"${version%%[!0-9.]*}\""
  rm -rf "$folder"
}

# Roles say where an image is needed: the course's nginx runs on workers, and all but the control plane's own everywhere.
pack_images() {
  local file names references roles name
  while IFS=$'\t' read -r file names _; do
    case $file in
      etcd-* | kube-apiserver-* | kube-controller-manager-* | kube-scheduler-*) roles='"control-plane"' ;;
      nginx-*) roles='"worker"' ;;
      *) roles='"control-plane", "worker"' ;;
    esac
    references=''
    for name in ${names//,/ }; do
      [[ $name = */* ]] || name=docker.io/library/$name
      references+="${references:+, }\"$name\""
    done
    pack_file image "${file%.tar}" "$lab_dir/images/$file" "images/$file.gz" "images = [$references]" "roles = [$roles]"
  done < "$lab_dir/images/list.tsv"
}

# pack_file KIND NAME SOURCE PATH LINE...: puts SOURCE into the pack and prints its entry. Level 1, because the files
# are read many times and over fast wires; without names and dates, so that equal content gives equal sums.
pack_file() {
  local kind=$1 name=$2 source=$3 path=$4
  pigz -1 -n -c "$source" > "$pack.new/$path"
  printf '\n[[file]]\nkind = "%s"\nname = "%s"\narch = "amd64"\n' "$kind" "$name"
  printf '%s\n' "${@:5}"
  printf 'path = "%s"\nencoding = "gzip"\nsha256 = "%s"\ncontent_sha256 = "%s"\nsize = %s\n' "$path" \
    "$(sum "$pack.new/$path")" "$(sum "$source")" "$(stat -c %s "$pack.new/$path")"
}
sum() { sha256sum < "$1" | cut -d' ' -f1; }

pack_archive() {
  [ -e "$lab_dir/pack/pack.toml" ] || die "run '$0 setup' first"
  tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --exclude=./made-from -C "$lab_dir/pack" -c . \
    | zstd -q -T0 -1 -f -o "$lab_dir/pack.tar.zst.part"
  mv "$lab_dir/pack.tar.zst.part" "$lab_dir/pack.tar.zst"
  say "$lab_dir/pack.tar.zst"
}
