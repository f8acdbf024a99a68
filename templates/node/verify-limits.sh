# shellcheck shell=bash
# Proves that resource limits hold: an nginx that wants room for a million connections at once ends at 16 MiB.
# Needs NAMESPACE, IMAGE. Goes through kubectl.

check() {
  local seen phase reason code
  seen=$(kubectl --request-timeout=5s -n "$NAMESPACE" get pod hungry -o jsonpath='{.status.phase}|{.status.containerStatuses[0].state.terminated.reason}{.status.containerStatuses[0].state.waiting.reason}|{.status.containerStatuses[0].state.terminated.exitCode}')
  IFS='|' read -r phase reason code <<<"$seen"
  case $phase/$reason/$code in
    Failed/OOMKilled/*) echo "a container with more than 16 MiB was ended: OOMKilled" ;;
    # The runtime does not always hear of it in time; 137 is SIGKILL, and nobody else sends it here.
    Failed/Error/137) echo "a container with more than 16 MiB was ended: killed with exit code 137" ;;
    Running/*)
      likely 1
      echo "the container with the limit of 16 MiB goes on"
      return 1
      ;;
    *)
      echo "pod hungry is $phase: ${reason:-not started}${code:+, exit code $code}"
      return 1
      ;;
  esac
} 2>&1

apply() {
  kubectl -n "$NAMESPACE" apply -f - <<YAML
apiVersion: v1
kind: ConfigMap
metadata:
  name: hungry
data:
  nginx.conf: |
    pid /tmp/nginx.pid;
    error_log /dev/stderr;
    daemon off;
    master_process off;
    events { worker_connections 1000000; }
    http { server { listen 80; } }
---
apiVersion: v1
kind: Pod
metadata:
  name: hungry
spec:
  restartPolicy: Never
  terminationGracePeriodSeconds: 0
  containers:
    - name: nginx
      image: "$IMAGE"
      imagePullPolicy: IfNotPresent
      command: [nginx, -c, /probe/nginx.conf]
      resources:
        limits: {memory: 16Mi}
      volumeMounts:
        - {name: probe, mountPath: /probe}
  volumes:
    - name: probe
      configMap: {name: hungry}
YAML
}
