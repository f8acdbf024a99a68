#!/usr/bin/env bash
# Container images for a Kubernetes 1.20.2 cluster and an nginx workload, one archive an image, into
# $KPROV_LAB_DIR/images; list.tsv there says archive, name:tag (or several, with commas) and image ID. Programs come from
# $KPROV_LAB_DIR/kubernetes, all else from Debian packages. Each archive suits `ctr -n k8s.io images import`
# and `docker load`.
#
#   name:tag                                       content
#   k8s.gcr.io/kube-apiserver:v1.20.2              built from Debian's source package
#   k8s.gcr.io/kube-controller-manager:v1.20.2     the same
#   k8s.gcr.io/kube-scheduler:v1.20.2              the same
#   k8s.gcr.io/kube-proxy:v1.20.2                  the same, with Debian's iptables (legacy), conntrack and kmod
#   k8s.gcr.io/pause:3.2                           pause.c of the same source package
#   k8s.gcr.io/etcd:3.4.13-0                       Debian's etcd-server (3.4.23), tagged as kubeadm 1.20 asks for it
#   k8s.gcr.io/coredns:1.7.0                       stand-in, see stand-ins/coredns
#   nginx:latest, nginx:1.22                       Debian's nginx 1.22 with its welcome page (one content, several names)
#   nginx:1.22-next                                the same program, another page: to see a rollout and a rollback
#   registry.k8s.io/e2e-test-images/nginx:1.15-4   nginx:latest by the name that kprov's `verify` asks for
#   registry.k8s.io/e2e-test-images/nginx:1.14-4   nginx:1.22-next by the name that it rolls that out to
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../lib/common.sh
. "$here/../lib/common.sh"

programs=$lab_dir/kubernetes
images=$lab_dir/images
work=$lab_dir/images.work
debian=$work/debian
libraries=usr/lib/x86_64-linux-gnu
path='"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]'

# new_root NAME: an empty image root with the folders and users that the programs expect. Prints its path.
new_root() {
  local root=$work/$1
  mkdir -p "$root"/{etc,root,run,tmp,usr/bin,usr/sbin,usr/lib,usr/lib64,usr/local/bin,var/log}
  chmod 1777 "$root/tmp"
  ln -s usr/bin usr/sbin usr/lib usr/lib64 "$root/"
  ln -s ../run "$root/var/run"
  printf '%s\n' root:x:0:0:root:/root:/sbin/nologin www-data:x:33:33::/var/www:/sbin/nologin nobody:x:65534:65534::/:/sbin/nologin > "$root/etc/passwd"
  printf '%s\n' root:x:0: adm:x:4: www-data:x:33: nogroup:x:65534: > "$root/etc/group"
  echo 'hosts: files dns' > "$root/etc/nsswitch.conf"
  echo "$root"
}

# copy ROOT FILE...: Debian programs (or plugins) with the libraries that ldd names.
copy() {
  local root=$1 file library
  shift
  for file; do
    mkdir -p "$root$(dirname "$file")"
    cp -a --remove-destination "$debian$file" "$root$file"
    { chroot "$debian" ldd "$file" 2>/dev/null || true; } | grep -o '/[^ ]*' | while read -r library; do
      mkdir -p "$root/usr$(dirname "${library#/usr}")"
      cp -L "$debian$library" "$root/usr${library#/usr}"
    done
  done
}

# image ROOT NAME:TAG[,NAME:TAG...] CONFIG: writes the archive, which is named for the first, and its line in the list.
image() {
  local root=$1 names=$2 config=$3 file
  file=$(basename "${names%%,*}").tar
  file=${file/:/-}
  tar --sort=name --mtime=2021-01-13T00:00:00Z --numeric-owner -C "$root" -cf "$work/layer.tar" .
  printf '%s\t%s\t%s\n' "$file" "$names" "$(image_archive "$work/layer.tar" "$images.new/$file" "$names" "{$path,$config}")" \
    >> "$images.new/list.tsv"
}

control_plane() {
  local program root
  for program in kube-apiserver kube-controller-manager kube-scheduler; do
    root=$(new_root $program)
    cp "$programs/$program" "$root/usr/local/bin/"
    image "$root" k8s.gcr.io/$program:v1.20.2 '"Cmd":null'
  done
}

kube_proxy() {
  local root name
  root=$(new_root kube-proxy)
  cp "$programs/kube-proxy" "$root/usr/local/bin/"
  copy "$root" /usr/sbin/xtables-legacy-multi /usr/sbin/conntrack /bin/kmod /bin/dash
  # The nodes use legacy iptables too; rules of both kinds side by side would not see each other.
  for name in iptables ip6tables; do
    for suffix in '' -save -restore; do ln -s xtables-legacy-multi "$root/usr/sbin/$name$suffix"; done
  done
  ln -s dash "$root/usr/bin/sh"
  ln -s ../bin/kmod "$root/usr/sbin/modprobe"
  mkdir -p "$root/$libraries/xtables"
  cp -a "$debian/$libraries"/xtables/lib{xt,ipt,ip6t}_*.so "$root/$libraries/xtables/"
  copy "$root" /$libraries/xtables/libxt_{statistic,conntrack}.so # these two need libraries of their own
  image "$root" k8s.gcr.io/kube-proxy:v1.20.2 '"Cmd":null'
}

small_ones() {
  local root
  root=$work/pause && mkdir -p "$root" && cp "$programs/pause" "$root/"
  image "$root" k8s.gcr.io/pause:3.2 '"Entrypoint":["/pause"]'
  root=$(new_root etcd)
  copy "$root" /usr/bin/etcd
  ln -s ../../bin/etcd "$root/usr/local/bin/etcd"
  image "$root" k8s.gcr.io/etcd:3.4.13-0 '"Cmd":null'
  root=$(new_root coredns)
  cp "$programs/coredns" "$root/coredns"
  image "$root" k8s.gcr.io/coredns:1.7.0 '"Entrypoint":["/coredns"]'
}

nginx() {
  local root config='"Cmd":["nginx","-g","daemon off;"],"ExposedPorts":{"80/tcp":{}},"StopSignal":"SIGQUIT"'
  root=$(new_root nginx)
  copy "$root" /usr/sbin/nginx
  mkdir -p "$root"/{etc/nginx,usr/share/nginx/html,var/lib/nginx,var/log/nginx}
  cp "$debian/etc/nginx/mime.types" "$root/etc/nginx/"
  cp "$debian/usr/share/nginx/html/index.html" "$root/usr/share/nginx/html/"
  cat > "$root/etc/nginx/nginx.conf" <<'CONF'
user www-data;
worker_processes 1;
pid /run/nginx.pid;
error_log /dev/stderr;
events { worker_connections 1024; }
http {
  include mime.types;
  access_log /dev/stdout;
  server {
    listen 80;
    root /usr/share/nginx/html;
    add_header X-Pod $hostname;
  }
}
CONF
  image "$root" nginx:latest,nginx:1.22,registry.k8s.io/e2e-test-images/nginx:1.15-4 "$config"
  sed -i 's/Welcome to nginx!/Welcome to the next nginx!/' "$root/usr/share/nginx/html/index.html"
  image "$root" nginx:1.22-next,registry.k8s.io/e2e-test-images/nginx:1.14-4 "$config"
}

debian_install mmdebstrap
rm -rf "$work" "$images.new"
mkdir -p "$work" "$images.new"
debian_sources deb | debian_root extract bash,libc-bin,dash,iptables,conntrack,kmod,etcd-server,nginx "$debian"
control_plane
kube_proxy
small_ones
nginx
rm -rf "$work" "$images"
mv "$images.new" "$images"
