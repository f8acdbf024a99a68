# shellcheck shell=bash
# Guarantees: what a manifest says is in the cluster, fitted to it, and its WORKLOAD carries the mark of exactly that.
# The manifest is read as YAML and changed by kubectl, so it may look as it likes.
# Needs: NAME (for people), WORKLOAD ("NAMESPACE KIND/NAME"), MANIFEST (YAML, or empty where it is the payload), SHA256,
# ENCODING (of the payload), CONTAINER and SETTINGS (lines "NAME=value": the environment of that container of WORKLOAD,
# may be empty), PATCHES (lines "KIND/NAME PATCH": JSON patches of workloads, may be empty), REGISTRY (where images of
# docker.io/NAME come from instead, may be empty), VALUES (YAML for a chart; then the payload is one, for helm), AFTER
# (YAML that is applied as soon as WORKLOAD runs, may be empty). For the first control plane.

mark=kprov.io/add-on

# wanted_mark: sets `wanted`.
wanted_mark() {
  wanted=$(sha256sum <<< "$MANIFEST|$SHA256|${CONTAINER-}|$SETTINGS|$PATCHES|$REGISTRY|$VALUES|$AFTER")
  wanted=${wanted:0:40}
}

cluster() { kubectl --kubeconfig /etc/kubernetes/admin.conf --request-timeout=30s "$@"; }

check() {
  local wanted found
  wanted_mark
  if ! found=$(cluster -n "${WORKLOAD% *}" get "${WORKLOAD#* }" -o 'jsonpath={.metadata.annotations.kprov\.io/add-on}' 2>&1); then
    echo "${NAME:?} is not in the cluster: ${found##*$'\n'}"
    return 1
  fi
  if [[ $found != "$wanted" ]]; then
    echo "$NAME in the cluster is not as wanted"
    return 1
  fi
  if [[ -n $AFTER ]] && ! found=$(cluster get -f - <<< "$AFTER" 2>&1); then
    echo "$NAME lacks its settings: ${found##*$'\n'}"
    return 1
  fi
  echo "$NAME is in the cluster"
}

# fit FILE: changes the workload's environment, what is to be patched, and where images come from.
fit() {
  local file=$1 kind name container image object patch images=() settings=()
  kind=$(sed -n 's/^kind: *//p' "$file")
  case $kind in DaemonSet | Deployment) ;; *) return 0 ;; esac
  name=$(kubectl annotate --local -f "$file" "$mark=" -o 'jsonpath={.metadata.name}')
  if [[ -n $SETTINGS && "${WORKLOAD#* }" == "${kind,,}/$name" ]]; then
    mapfile -t settings <<< "$SETTINGS"
    kubectl set env --local -f "$file" -c "$CONTAINER" "${settings[@]}" -o yaml > "$file.new"
    mv "$file.new" "$file"
  fi
  while read -r object patch; do
    [[ $object == "${kind,,}/$name" ]] || continue
    kubectl patch --local -f "$file" --type=json -p "$patch" -o yaml > "$file.new"
    mv "$file.new" "$file"
  done <<< "$PATCHES"
  [[ -n $REGISTRY ]] || return 0
  while read -r container image; do
    [[ $image != docker.io/* ]] || images+=("$container=$REGISTRY/${image#docker.io/}")
  done < <(kubectl annotate --local -f "$file" "$mark=" -o 'jsonpath={range .spec.template.spec.initContainers[*]}{.name} {.image}{"\n"}{end}{range .spec.template.spec.containers[*]}{.name} {.image}{"\n"}{end}')
  [[ ${#images[@]} != 0 ]] || return 0
  kubectl set image --local -f "$file" "${images[@]}" -o yaml > "$file.new"
  mv "$file.new" "$file"
}

# fitted FOLDER: makes FOLDER/all of the manifest in FOLDER/manifest.
fitted() {
  local file
  # A line that starts with three hyphens parts documents, whatever stands around it.
  awk -v folder="$1" '/^---/ {n++; next} {print > sprintf("%s/%04d.yaml", folder, n)}' "$1/manifest"
  for file in "$1"/*.yaml; do
    # Comments alone are no document.
    grep -q '^kind:' "$file" || continue
    fit "$file"
    echo ---
    cat "$file"
  done > "$1/all"
}

apply() {
  local wanted folder=${KPROV_TMP:?}/add-on pause
  rm -rf "$folder"
  mkdir -p "$folder"
  if [[ -n $MANIFEST ]]; then
    printf '%s\n' "$MANIFEST" > "$folder/manifest"
  elif [[ -n $SHA256 ]]; then
    receive "$folder/manifest" "$SHA256" "$ENCODING"
  else
    echo "the pack has no manifest of $NAME"
    return 1
  fi
  if [[ -n $VALUES ]]; then
    printf '%s\n' "$VALUES" > "$folder/values.yaml"
    mv "$folder/manifest" "$folder/chart.tgz"
    helm upgrade --install "${NAME%% *}" "$folder/chart.tgz" --kubeconfig /etc/kubernetes/admin.conf \
      --namespace "${WORKLOAD% *}" --values "$folder/values.yaml"
  else
    fitted "$folder"
    cluster apply -f "$folder/all"
  fi
  if [[ -n $AFTER ]]; then
    kubectl --kubeconfig /etc/kubernetes/admin.conf -n "${WORKLOAD% *}" rollout status "${WORKLOAD#* }" --timeout=280s
    # Its webhook may not answer yet although its pod is Ready.
    for pause in 1 2 4 8 15 30 0; do
      ! cluster apply -f - <<< "$AFTER" || break
      [[ $pause != 0 ]] || return 1
      sleep $pause
    done
  fi
  # Last, so that what was cut off in the middle is done again.
  wanted_mark
  cluster -n "${WORKLOAD% *}" annotate --overwrite "${WORKLOAD#* }" "$mark=$wanted"
}
