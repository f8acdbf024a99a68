# shellcheck shell=bash
# Proves that a NetworkPolicy keeps requests away from a pod, where the pod network does that at all.
# Needs NAMESPACE, IMAGE, PROBES: words "node/pod/address". Goes through kubectl.

check() {
  local seen phase ready address from=() said own
  seen=$(pod_state closed)
  IFS='|' read -r phase ready address _ <<<"$seen"
  if [ "$ready" != True ]; then
    echo "pod closed is $phase, not Ready"
    return 1
  fi
  IFS=/ read -r -a from <<<"${PROBES%% *}"
  # Or its silence would say nothing.
  if ! own=$(from_pod "${from[1]}" "${from[2]}" /name); then
    echo "the pod that asks, on ${from[0]}, does not answer itself: $own"
    return 1
  fi
  if said=$(from_pod "${from[1]}" "${from[2]}" "/to/$address/"); then
    echo "a pod on ${from[0]} still reaches $address, although a NetworkPolicy forbids it"
    return 1
  fi
  echo "the pod closed ($address) gets no requests: $said"
} 2>&1

apply() {
  local networks
  networks=$(kubectl get daemonsets -A -o jsonpath='{range .items[*]}{.metadata.name}{"\n"}{end}')
  if ! grep -qE '^(calico-node|canal|cilium|kube-router|antrea-agent|weave-net|ovnkube-node)' <<<"$networks"; then
    skip "the pod network here does not know NetworkPolicy"
  fi
  kubectl -n "$NAMESPACE" apply -f - <<YAML
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: closed
spec:
  podSelector:
    matchLabels: {app: closed}
  policyTypes: [Ingress]
---
apiVersion: v1
kind: Pod
metadata:
  name: closed
  labels: {app: closed}
spec:
  terminationGracePeriodSeconds: 1
  containers:
    - name: nginx
      image: "$IMAGE"
      imagePullPolicy: IfNotPresent
      # By its own node's kubelet, which policies let through: that the pod would answer.
      readinessProbe:
        httpGet: {port: 80}
        periodSeconds: 1
YAML
}
