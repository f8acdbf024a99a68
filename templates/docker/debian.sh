# shellcheck shell=bash
# Sourced. Debian 12 packages and root filesystems without naming a mirror.

# debian_sources deb|deb-src: this computer's own Debian 12 sources as one-line entries; nothing where there are none.
debian_sources() {
  local kind=$1 origin suite uri release component
  [ -n "$(command -v apt-get)" ] || return 0
  # shellcheck disable=SC2016 # $(…) are apt's own fields
  apt-get indextargets --format '$(ORIGIN)|$(CODENAME)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)' 'Identifier: Packages' \
    | sort -u | while IFS='|' read -r origin suite uri release component; do
    [[ $origin/$suite = Debian/bookworm* ]] || continue
    echo "$kind [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri $release $component"
  done
}

# debian_root VARIANT PACKAGE,... FOLDER|FILE.tar [OPTION...]: a Debian 12 root filesystem from the sources on standard
# input; OPTIONs are mmdebstrap's. mmdebstrap reads none of this computer's apt settings, so the ones that say how to
# reach a mirror are handed on for the download alone.
debian_root() {
  local variant=$1 packages=$2 target=$3 settings status=0
  settings=$(mktemp)
  if [ -n "$(command -v apt-config)" ]; then
    apt-config dump --no-empty --format '%f "%v";%n' | grep -E '^(Acquire::https?::|Acquire::Retries)' > "$settings" || true
  fi
  # shellcheck disable=SC2016 # $1 is the root, for mmdebstrap's own shell
  mmdebstrap --quiet --mode=auto --variant="$variant" --include="$packages" \
    --aptopt="$settings" --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --customize-hook='rm -f "$1/etc/apt/apt.conf.d/99mmdebstrap"' "${@:4}" bookworm "$target" - >&2 || status=$?
  rm -f "$settings"
  return "$status"
}
