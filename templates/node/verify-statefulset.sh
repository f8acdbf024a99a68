# shellcheck shell=bash
# Proves that a StatefulSet gives its pods names that count: db-0, then db-1.
# Needs NAMESPACE, IMAGE. Goes through kubectl.

check() {
  local seen ready
  kubectl -n "$NAMESPACE" rollout status statefulset db --timeout=3s >/dev/null 2>&1 || true
  seen=$(kubectl --request-timeout=5s -n "$NAMESPACE" get pods -l app=db \
    -o jsonpath='{range .items[*]}{.metadata.name} {.status.conditions[?(@.type=="Ready")].status}{"\n"}{end}')
  if [ "$(grep -c 'True$' <<<"$seen")" != 2 ]; then
    ready=$(awk '$2 == "True" {print $1}' <<<"$seen" | paste -sd ' ' -)
    echo "of db-0 and db-1 these are ready: ${ready:-none}"
    return 1
  fi
  if [ "$(cut -d' ' -f1 <<<"$seen" | sort | paste -sd ' ' -)" != 'db-0 db-1' ]; then
    echo "the pods are $(cut -d' ' -f1 <<<"$seen" | paste -sd ' ' -), not db-0 and db-1"
    return 1
  fi
  echo "db-0 and db-1 are Ready"
} 2>&1

apply() {
  kubectl -n "$NAMESPACE" apply -f - <<YAML
apiVersion: v1
kind: Service
metadata:
  name: db
spec:
  clusterIP: None
  selector: {app: db}
  ports:
    - port: 80
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
spec:
  serviceName: db
  replicas: 2
  selector:
    matchLabels: {app: db}
  template:
    metadata:
      labels: {app: db}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: nginx
          image: "$IMAGE"
          imagePullPolicy: IfNotPresent
YAML
}
