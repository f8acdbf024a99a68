# shellcheck shell=bash
# Proves that a NetworkPolicy keeps requests away from a pod, where the pod network does that at all: the pod answers
# before there is one, and does not afterwards.
# Needs NAMESPACE, IMAGE, PROBES: words "node/pod/address". Goes through kubectl.

check() {
  local seen phase ready address from=() said own
  seen=$(pod_state closed)
  IFS='|' read -r phase ready address _ <<<"$seen"
  if [ "$ready" != True ]; then
    echo "pod closed is $phase, not Ready"
    return 1
  fi
  if [ -s "$KPROV_TMP/silent" ]; then
    likely 3
    echo "the pod closed did not answer before there was a NetworkPolicy: $(<"$KPROV_TMP/silent")"
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
  echo "the pod closed ($address) answered, and gets no requests since there is a NetworkPolicy: $said"
} 2>&1

apply() {
  local networks seen ready address from=() said='it was not Ready'
  networks=$(kubectl get daemonsets -A -o jsonpath='{range .items[*]}{.metadata.name}{"\n"}{end}')
  if ! grep -qE '^(calico-node|canal|cilium|kube-router|antrea-agent|weave-net|ovnkube-node)' <<<"$networks"; then
    skip "the pod network here does not know NetworkPolicy"
  fi
  kubectl -n "$NAMESPACE" apply -f - <<YAML
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
  IFS=/ read -r -a from <<<"${PROBES%% *}"
  for _ in {1..10}; do
    seen=$(pod_state closed)
    IFS='|' read -r _ ready address _ <<<"$seen"
    [ "$ready" = True ] || continue
    if said=$(from_pod "${from[1]}" "${from[2]}" "/to/$address/"); then said='' && break; fi
    sleep 0.5
  done
  printf %s "$said" > "$KPROV_TMP/silent"
  kubectl -n "$NAMESPACE" apply -f - <<'YAML'
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: closed
spec:
  podSelector:
    matchLabels: {app: closed}
  policyTypes: [Ingress]
YAML
}
