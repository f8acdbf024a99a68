# shellcheck shell=bash
# Proves that the default StorageClass, where there is one, gives a pod the volume that it claims.
# Needs NAMESPACE, IMAGE. Goes through kubectl.

check() {
  local seen phase ready reason
  seen=$(pod_state claims)
  IFS='|' read -r phase ready _ _ reason <<<"$seen"
  if [ "$ready" != True ]; then
    echo "pod claims is $phase$reason; its claim is $(kubectl -n "$NAMESPACE" get pvc claim -o jsonpath='{.status.phase}')"
    return 1
  fi
  echo "a claim of 1 MiB is bound by $(kubectl -n "$NAMESPACE" get pvc claim -o jsonpath='{.spec.storageClassName}')"
} 2>&1

apply() {
  local classes
  classes=$(kubectl get storageclasses -o jsonpath='{range .items[*]}{.metadata.name} {.metadata.annotations.storageclass\.kubernetes\.io/is-default-class}{"\n"}{end}')
  if ! grep -q ' true$' <<<"$classes"; then skip "this cluster has no default StorageClass"; fi
  kubectl -n "$NAMESPACE" apply -f - <<YAML
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: claim
spec:
  accessModes: [ReadWriteOnce]
  resources:
    requests: {storage: 1Mi}
---
apiVersion: v1
kind: Pod
metadata:
  name: claims
spec:
  terminationGracePeriodSeconds: 1
  containers:
    - name: nginx
      image: "$IMAGE"
      imagePullPolicy: IfNotPresent
      volumeMounts:
        - {name: data, mountPath: /data}
  volumes:
    - name: data
      persistentVolumeClaim: {claimName: claim}
YAML
}
