#!/usr/bin/env bash
# Builds Kubernetes 1.20.2 (linux/amd64) and the lab's stand-ins from Debian bookworm's source package
# into $KPROV_LAB_DIR/kubernetes. `build.sh --pack FOLDER` also writes the tarball and its SHA256SUMS into FOLDER, which
# KPROV_LAB_KUBERNETES may then name.
# Cold: about 10 minutes on 2 cores and 2 GB of disk under $KPROV_LAB_DIR/build, which may be deleted afterwards.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../lib/common.sh
. "$here/../lib/common.sh"

version=1.20.2
commit=faecb196815e248d3ecfb03c680a4507229c2a56 # of the tag v1.20.2, as upstream's own programs report it
programs=(kubeadm kubelet kubectl kube-apiserver kube-controller-manager kube-scheduler kube-proxy)
stand_ins=(crictl coredns)
out=$lab_dir/kubernetes
work=$lab_dir/build
source=$work/source

fetch_source() {
  [ ! -e "$work/source.complete" ] || return 0
  local apt=(apt-get -qq -o "Dir::Etc::SourceList=$work/apt/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o "Dir::State::Lists=$work/apt/lists" -o APT::Sandbox::User=root)
  rm -rf "$source" "$work"/kubernetes-*
  mkdir -p "$work/apt/lists/partial"
  debian_sources deb-src > "$work/apt/sources.list"
  (cd "$work" && "${apt[@]}" update && "${apt[@]}" source kubernetes)
  mv "$work"/kubernetes-*/ "$source"
  grep -q "really$version" "$source/debian/changelog" || die "Debian's source is not $version any more: $(head -1 "$source/debian/changelog")"
  replace_reflect2
  for program in "${stand_ins[@]}"; do cp -r "$here/stand-ins/$program" "$source/cmd/"; done
  touch "$work/source.complete"
}

# Fix 1: the vendored reflect2 1.0.1 panics under Go 1.18 and later (nil pointer in Type2, seen in
# kubeadm and kubectl). Debian's 1.0.2 has the same API and works.
replace_reflect2() {
  local vendored=$source/vendor/github.com/modern-go/reflect2 package=golang-github-modern-go-reflect2-dev
  (cd "$work" && rm -rf reflect2 $package*.deb && apt-get -qq -o APT::Sandbox::User=root download $package && dpkg -x $package*.deb reflect2)
  rm -f "$vendored"/*.go
  cp "$work"/reflect2/usr/share/gocode/src/github.com/modern-go/reflect2/*.go "$vendored/"
  rm -f "$vendored"/*_test.go
}

# Fix 2: GOPATH mode, as upstream's own 1.20 build. In module mode Go 1.19 stops at
# "updates to go.mod needed, disabled by -mod=vendor".
use_gopath() {
  export GOPATH=$work/gopath GOCACHE=$work/gocache GO111MODULE=off GOPROXY=off GOFLAGS='' CGO_ENABLED=0
  export PATH=/usr/lib/go-1.19/bin:$PATH
  mkdir -p "$GOPATH/src/k8s.io"
  ln -sfn "$source" "$GOPATH/src/k8s.io/kubernetes"
  cd "$GOPATH/src/k8s.io/kubernetes"
}

# Fix 3: kube-apiserver needs a generated file that the source package does not ship. The folders that
# ask for it are found the way upstream's Makefile.generated_files finds them.
generate_openapi() {
  [ ! -e "$work/openapi.complete" ] || return 0
  local folders
  folders=$({
    find cmd pkg plugin -name '*.go' ! -path '*/testdata/*'
    find -L vendor/k8s.io -name '*.go' ! -path '*/testdata/*' ! -path '*/_examples/*' \
      ! -path 'vendor/k8s.io/code-generator/*' ! -path 'vendor/k8s.io/sample-apiserver/*'
  } | xargs grep -l '^ *// *+k8s:openapi-gen=' | xargs -n1 dirname | LC_ALL=C sort -u | sed 's#^#k8s.io/kubernetes/#' | paste -sd,)
  go build -o "$work/openapi-gen" k8s.io/kubernetes/vendor/k8s.io/kube-openapi/cmd/openapi-gen
  "$work/openapi-gen" --logtostderr -i "$folders" -p k8s.io/kubernetes/pkg/generated/openapi -O zz_generated.openapi \
    -h vendor/k8s.io/code-generator/hack/boilerplate.go.txt -r "$work/openapi-violations"
  touch "$work/openapi.complete"
}

build_programs() {
  local flags='-s -w' package setting targets=()
  for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    for setting in gitVersion=v$version gitMajor=1 gitMinor=20 gitTreeState=clean gitCommit=$commit buildDate=2021-01-13T13:20:00Z; do
      flags+=" -X $package.$setting -X k8s.io/kubernetes/vendor/$package.$setting"
    done
  done
  for program in "${programs[@]}" "${stand_ins[@]}"; do targets+=("k8s.io/kubernetes/cmd/$program"); done
  mkdir -p "$out"
  nice -n 10 go build -p 2 -trimpath -ldflags "$flags" -o "$out/" "${targets[@]}"
  gcc -Os -static -s -DVERSION=3.2 -o "$out/pause" build/pause/linux/pause.c
  touch "$out/complete"
}

pack() {
  local folder=$1 tarball=kubernetes-$version-linux-amd64.tar.xz
  cd "$out"
  sha256sum "${programs[@]}" "${stand_ins[@]}" pause > SHA256SUMS
  tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -c "${programs[@]}" "${stand_ins[@]}" pause SHA256SUMS \
    | xz -6 -T2 > "$folder/$tarball.part"
  mv "$folder/$tarball.part" "$folder/$tarball"
  cd "$folder" && sha256sum "$tarball" > SHA256SUMS
}

if [ "${1:-}" = --pack ]; then packed=$(cd "$2" && pwd); fi
debian_install golang-1.19-go dpkg-dev gcc libc6-dev xz-utils
[ -n "$(debian_sources deb-src)" ] || apt-get update -qq
fetch_source
use_gopath
generate_openapi
build_programs
"$out/kubeadm" version -o short
if [ "${1:-}" = --pack ]; then pack "$packed"; fi
