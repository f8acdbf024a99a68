# shellcheck shell=bash
# Sourced by lab: the main job, from a fresh machine to a verified cluster.

demo() {
  local kprov=${KPROV:-} folder=$lab_dir/demo
  if [ -z "$kprov" ]; then
    command -v cargo >/dev/null || die "needs Rust (cargo) to build kprov, or its path in KPROV"
    (cd "$project" && cargo build --release)
    kprov=${CARGO_TARGET_DIR:-$project/target}/release/kprov
  fi
  kprov=$(readlink -f "$kprov")
  "$here/lab" setup
  "$here/lab" up
  mkdir -p "$folder"
  cp "$project/cluster.toml" "$folder/"
  (cd "$folder" && "$here/lab" exec "$kprov" up)
  say "the cluster stays: cd $folder && $here/lab exec $kprov status (or ssh, verify, destroy); $here/lab down ends all"
}
