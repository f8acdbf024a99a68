# shellcheck shell=bash
# Proves that a pod gets the values of a ConfigMap as files: nginx serves one of them.
# Needs NAMESPACE, IMAGE, RUN: a value that no other run has. Publishes settings-address. Goes through kubectl.

check() {
  local seen phase ready address reason said
  seen=$(pod_state settings)
  IFS='|' read -r phase ready address _ reason <<<"$seen"
  if [ "$ready" != True ]; then
    echo "pod settings is $phase$reason"
    return 1
  fi
  publish settings-address "$address"
  said=$(from_pod settings "$address" /config/greeting) || true
  if [ "$said" != "hello $RUN" ]; then
    echo "the pod has '$said' instead of the ConfigMap's 'hello $RUN'"
    return 1
  fi
  echo "the pod has the ConfigMap's value in a file"
} 2>&1

apply() {
  kubectl -n "$NAMESPACE" apply -f - <<YAML
apiVersion: v1
kind: ConfigMap
metadata:
  name: greeting
data:
  greeting: "hello $RUN"
---
apiVersion: v1
kind: Secret
metadata:
  name: word
stringData:
  word: "psst $RUN"
---
apiVersion: v1
kind: Pod
metadata:
  name: settings
spec:
  terminationGracePeriodSeconds: 1
  containers:
    - name: nginx
      image: "$IMAGE"
      imagePullPolicy: IfNotPresent
      readinessProbe:
        httpGet: {port: 80}
        periodSeconds: 1
      volumeMounts:
        - {name: config, mountPath: /usr/share/nginx/html/config}
        - {name: secret, mountPath: /usr/share/nginx/html/secret}
  volumes:
    - name: config
      configMap: {name: greeting}
    - name: secret
      secret: {secretName: word}
YAML
}
