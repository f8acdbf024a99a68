# shellcheck shell=bash
# Proves that a controller carries out what was asked for: for a Deployment (of no pods) it makes a ReplicaSet.
# Needs NAMESPACE. Goes through kubectl.

check() {
  local made
  made=$(kubectl --request-timeout=5s -n "$NAMESPACE" get replicasets -l app=asked -o jsonpath='{.items[*].metadata.name}|{.items[*].metadata.ownerReferences[0].name}')
  if [ "${made#*|}" != asked ]; then
    echo "nobody has made a ReplicaSet for the Deployment asked"
    return 1
  fi
  echo "the controller manager made the ReplicaSet ${made%%|*}"
} 2>&1

apply() {
  kubectl -n "$NAMESPACE" apply -f - <<'YAML'
apiVersion: apps/v1
kind: Deployment
metadata:
  name: asked
  labels: {app: asked}
spec:
  replicas: 0
  selector:
    matchLabels: {app: asked}
  template:
    metadata:
      labels: {app: asked}
    spec:
      containers:
        - name: none
          image: none
YAML
}
