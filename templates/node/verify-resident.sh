# shellcheck shell=bash
# Makes a Deployment whose pods prefer one node, the one that is stopped next, and leave a node that does not answer
# after some seconds in place of the 5 minutes that Kubernetes gives them otherwise.
# Needs NAMESPACE, IMAGE, NODE: the node; SECONDS_AWAY: these seconds. Goes through kubectl.

check() {
  local seen ready there
  kubectl -n "$NAMESPACE" rollout status deployment resident --timeout=3s >/dev/null 2>&1 || true
  seen=$(kubectl --request-timeout=5s -n "$NAMESPACE" get pods -l app=resident \
    -o jsonpath='{range .items[*]}{.status.conditions[?(@.type=="Ready")].status} {.spec.nodeName}{"\n"}{end}')
  ready=$(grep -c '^True ' <<<"$seen") || true
  there=$(grep -cxF "True $NODE" <<<"$seen") || true
  if [ "$ready" != 2 ]; then
    echo "$ready of 2 pods are Ready"
    return 1
  fi
  if [ "$there" = 0 ]; then
    echo "none of the 2 pods is on $NODE, which they prefer"
    return 1
  fi
  echo "$there of 2 pods on $NODE, Ready"
} 2>&1

apply() {
  # Without a constraint of their own, pods of a Deployment would rather be on different nodes. All nodes of this one
  # are of one system.
  kubectl -n "$NAMESPACE" apply -f - <<YAML
apiVersion: apps/v1
kind: Deployment
metadata:
  name: resident
spec:
  replicas: 2
  selector:
    matchLabels: {app: resident}
  template:
    metadata:
      labels: {app: resident}
    spec:
      terminationGracePeriodSeconds: 1
      affinity:
        nodeAffinity:
          preferredDuringSchedulingIgnoredDuringExecution:
            - weight: 100
              preference:
                matchExpressions:
                  - {key: kubernetes.io/hostname, operator: In, values: ["$NODE"]}
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/os
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels: {app: resident}
      tolerations:
        - {key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: $SECONDS_AWAY}
        - {key: node.kubernetes.io/not-ready, operator: Exists, effect: NoExecute, tolerationSeconds: $SECONDS_AWAY}
      containers:
        - name: nginx
          image: "$IMAGE"
          imagePullPolicy: IfNotPresent
          readinessProbe:
            httpGet: {port: 80}
            periodSeconds: 1
YAML
}
