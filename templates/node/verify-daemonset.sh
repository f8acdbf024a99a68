# shellcheck shell=bash
# Proves that a DaemonSet runs a pod on every node that takes pods. These pods are what later checks look from: nginx that passes a
# request on to any address, /to/ADDRESS/PATH, and says its own name at /name.
# Needs NAMESPACE, IMAGE. Publishes probes: words "node/pod/address". Goes through kubectl.

check() {
  local seen wanted ready pods
  kubectl -n "$NAMESPACE" rollout status daemonset probe --timeout=3s >/dev/null 2>&1 || true
  seen=$(kubectl --request-timeout=5s -n "$NAMESPACE" get daemonset probe \
    -o jsonpath='{.status.desiredNumberScheduled} {.status.numberReady} {.status.observedGeneration}')
  read -r wanted ready _ <<<"$seen"
  pods=$(kubectl --request-timeout=5s -n "$NAMESPACE" get pods -l app=probe \
    -o jsonpath='{range .items[*]}{.spec.nodeName}/{.metadata.name}/{.status.podIP} {end}')
  if [ "${wanted:-0}" = 0 ] || [ "$wanted" != "$ready" ]; then
    seen=$(kubectl --request-timeout=5s -n "$NAMESPACE" get pods -l app=probe \
      -o jsonpath='{range .items[*]}{.spec.nodeName} {.status.containerStatuses[0].state.waiting.reason} {.status.containerStatuses[0].state.waiting.message}{"\n"}{end}' |
      awk 'NF > 1 {print "; on " $0; exit}')
    echo "${ready:-0} of ${wanted:-0} pods are Ready$seen"
    return 1
  fi
  publish probes "${pods% }"
  echo "a pod on each of $ready nodes"
} 2>&1

apply() {
  kubectl -n "$NAMESPACE" apply -f - <<YAML
apiVersion: v1
kind: ConfigMap
metadata:
  name: probe
data:
  nginx.conf: |
    pid /tmp/nginx.pid;
    error_log /dev/stderr;
    events {}
    http {
      access_log /dev/stdout;
      proxy_connect_timeout 3s;
      proxy_read_timeout 3s;
      server {
        listen 80;
        location = /name { default_type text/plain; return 200 \$hostname; }
        location ~ ^/to/([0-9.]+)(/.*)\$ { proxy_pass http://\$1\$2; }
      }
    }
---
apiVersion: v1
kind: Service
metadata:
  name: probe
spec:
  selector: {app: probe}
  ports:
    - port: 80
---
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: probe
spec:
  selector:
    matchLabels: {app: probe}
  template:
    metadata:
      labels: {app: probe}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: nginx
          image: "$IMAGE"
          imagePullPolicy: IfNotPresent
          command: [nginx, -c, /probe/nginx.conf, -g, "daemon off;"]
          readinessProbe:
            httpGet: {port: 80, path: /name}
            periodSeconds: 1
          volumeMounts:
            - {name: probe, mountPath: /probe}
      volumes:
        - name: probe
          configMap: {name: probe}
YAML
}
