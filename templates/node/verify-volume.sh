# shellcheck shell=bash
# Proves that volumes work: what a first container writes into an emptyDir is there for the next one, and a file of the
# node (hostPath, read only) is there too.
# Needs NAMESPACE, IMAGE. Goes through kubectl.

check() {
  local seen phase ready address node reason said
  seen=$(pod_state volumes)
  IFS='|' read -r phase ready address node reason <<<"$seen"
  if [ "$ready" != True ]; then
    echo "pod volumes is $phase$reason"
    return 1
  fi
  if ! said=$(from_pod volumes "$address" /shared/notes); then
    echo "what the first container wrote into the emptyDir is not there for the second: $said"
    return 1
  fi
  if ! said=$(from_pod volumes "$address" /host/hostname) || [ -z "$said" ]; then
    likely 2
    echo "the file /etc/hostname of $node is not in the pod: $said"
    return 1
  fi
  echo "an emptyDir is shared by two containers, and a hostPath shows the name of $node: $said"
} 2>&1

apply() {
  kubectl -n "$NAMESPACE" apply -f - <<YAML
apiVersion: v1
kind: ConfigMap
metadata:
  name: notes
data:
  nginx.conf: |
    pid /tmp/nginx.pid;
    error_log /shared/notes notice;
    events {}
---
apiVersion: v1
kind: Pod
metadata:
  name: volumes
spec:
  terminationGracePeriodSeconds: 1
  initContainers:
    - name: writes
      image: "$IMAGE"
      imagePullPolicy: IfNotPresent
      command: [nginx, -t, -c, /probe/nginx.conf]
      volumeMounts:
        - {name: probe, mountPath: /probe}
        - {name: shared, mountPath: /shared}
  containers:
    - name: nginx
      image: "$IMAGE"
      imagePullPolicy: IfNotPresent
      readinessProbe:
        httpGet: {port: 80}
        periodSeconds: 1
      volumeMounts:
        - {name: shared, mountPath: /usr/share/nginx/html/shared}
        - {name: host, mountPath: /usr/share/nginx/html/host/hostname, readOnly: true}
  volumes:
    - name: probe
      configMap: {name: notes}
    - name: shared
      emptyDir: {}
    - name: host
      hostPath: {path: /etc/hostname, type: File}
YAML
}
