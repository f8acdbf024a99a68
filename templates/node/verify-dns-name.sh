# shellcheck shell=bash
# Proves that a pod resolves a name by way of its own /etc/resolv.conf: nginx looks up the name that it is told to pass
# requests on to, and says so.
# Needs NAMESPACE, IMAGE, POD: the pod's name; HOST: the name to resolve; HOST_NETWORK: true for a pod in the network of
# its node. Goes through kubectl.

check() {
  local seen phase reason
  seen=$(kubectl --request-timeout=5s -n "$NAMESPACE" get pod "$POD" -o jsonpath='{.status.phase}|{.status.containerStatuses[0].state.waiting.reason}{.status.containerStatuses[0].state.terminated.message}')
  IFS='|' read -r phase reason <<<"${seen//$'\n'/ }"
  case $phase in
    Succeeded) echo "a pod finds $HOST" ;;
    Failed)
      reason=${reason#*\[emerg\]}
      echo "a pod does not find $HOST: ${reason%% in /*}"
      return 1
      ;;
    *)
      echo "pod $POD is ${phase:-not there}${reason:+: $reason}"
      return 1
      ;;
  esac
} 2>&1

apply() {
  kubectl -n "$NAMESPACE" apply -f - <<YAML
apiVersion: v1
kind: ConfigMap
metadata:
  name: "$POD"
data:
  nginx.conf: |
    pid /tmp/nginx.pid;
    error_log /dev/stderr;
    events {}
    http { server { listen 8080; location / { proxy_pass http://$HOST/; } } }
---
apiVersion: v1
kind: Pod
metadata:
  name: "$POD"
spec:
  restartPolicy: Never
  terminationGracePeriodSeconds: 0
  hostNetwork: $HOST_NETWORK
  dnsPolicy: $([ "$HOST_NETWORK" = true ] && echo ClusterFirstWithHostNet || echo ClusterFirst)
  containers:
    - name: nginx
      image: "$IMAGE"
      imagePullPolicy: IfNotPresent
      command: [nginx, -t, -c, /probe/nginx.conf]
      terminationMessagePolicy: FallbackToLogsOnError
      volumeMounts:
        - {name: probe, mountPath: /probe}
  volumes:
    - name: probe
      configMap: {name: "$POD"}
YAML
}
