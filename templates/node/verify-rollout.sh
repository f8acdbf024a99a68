# shellcheck shell=bash
# Proves that a Deployment changes to another image pod by pod. The other image is one of the same repository that all
# nodes with pods have already; where there is none, the pods are renewed with the same image.
# Needs NAMESPACE, IMAGE: the image that the Deployment has. Goes through kubectl.

check() {
  local fields seen wanted now updated available generation observed revision
  kubectl -n "$NAMESPACE" rollout status deployment web --timeout=5s >/dev/null 2>&1 || true
  fields='{.spec.replicas}|{.spec.template.spec.containers[0].image}|{.status.updatedReplicas}|{.status.availableReplicas}'
  fields+='|{.metadata.generation}|{.status.observedGeneration}|{.metadata.annotations.deployment\.kubernetes\.io/revision}'
  seen=$(kubectl --request-timeout=5s -n "$NAMESPACE" get deployment web -o jsonpath="$fields")
  IFS='|' read -r wanted now updated available generation observed revision <<<"$seen"
  if [ "$generation/$updated/$available" != "$observed/$wanted/$wanted" ]; then
    echo "${updated:-0} of $wanted pods have $now, ${available:-0} are available; $(waiting)"
    return 1
  fi
  if [ "$now" = "$IMAGE" ]; then
    echo "$wanted pods renewed, revision $revision (the nodes have no second image of this repository to change to)"
  else
    echo "$wanted pods have $now, revision $revision"
  fi
} 2>&1

apply() {
  local next
  next=$(next_image)
  if [ -n "$next" ]; then
    kubectl -n "$NAMESPACE" set image deployment web "nginx=$next"
  else
    kubectl -n "$NAMESPACE" rollout restart deployment web
  fi
}

# An image of the same repository and other content, which every node with a pod of the Deployment has.
next_image() {
  local repository=${IMAGE##*/} nodes
  repository=${repository%%[:@]*}
  nodes=$(kubectl -n "$NAMESPACE" get pods -l app=web -o jsonpath='{range .items[*]}{.spec.nodeName}{"\n"}{end}' | sort -u)
  # shellcheck disable=SC2086 # words
  kubectl get nodes $nodes -o jsonpath='{range .items[*]}{range .status.images[*]}{.names}{"\n"}{end}{end}{range .status.images[*]}{.names}{"\n"}{end}' |
    awk -v repository="$repository" -v image="$IMAGE" -v nodes="$(wc -w <<<"$nodes")" '
      {
        gsub(/[\[\]",]/, " ")
        n = split($0, names, " "); tag = ""; own = 0
        for (i = 1; i <= n; i++) {
          short = names[i]; sub(/.*\//, "", short)
          if (names[i] == image || substr(names[i], length(names[i]) - length(image)) == "/" image) own = 1
          if (names[i] !~ /@/ && short ~ "^" repository ":") tag = names[i]
        }
        if (tag != "" && !own) count[tag]++
      }
      END {for (tag in count) if (count[tag] == nodes) {sub(/^docker.io\/library\//, "", tag); print tag; exit}}'
}

# A pod that is not ready with the reason.
waiting() {
  local state='.status.containerStatuses[0].state'
  kubectl --request-timeout=5s -n "$NAMESPACE" get pods -l app=web \
    -o jsonpath="{range .items[*]}{.metadata.name} {$state.waiting.reason} {$state.waiting.message}{'\n'}{end}" |
    awk 'NF > 1 {print; exit}'
}
