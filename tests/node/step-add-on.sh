# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# A manifest is fitted to the cluster and marked last; what is cut off in the middle, changed or lost is done again.
step add-on
local_kubectl=${KPROV_LAB_DIR:-$HOME/.cache/kprov-lab}/kubernetes/kubectl
# The lab's kubectl reads and changes the YAML if it is there; else a double that only notes what it is asked for.
double kubectl "case \"\$*\" in
  *--local*) echo \"\$*\" >> '$work/calls'
    [[ ! -x $local_kubectl ]] || exec $local_kubectl \"\$@\"
    case \"\$*\" in
      *'{.metadata.name}'*) sed -n 's/^  name: //p' \"\${*: -3:1}\" \"\$4\" 2>/dev/null | head -n 1 ;;
      *initContainers*) printf 'install-cni docker.io/calico/cni:v3\ncalico-node docker.io/calico/node:v3\n' ;;
      *) cat \"\$5\" ;;
    esac ;;
  *'annotate --overwrite'*) echo \"\${*: -1}\" > '$work/mark' ;;
  *'get -f -'*) [[ -e '$work/after' ]] ;;
  *' get '*) [[ -e '$work/mark' ]] || { echo 'not found'; exit 1; }; sed 's/.*=//' '$work/mark' ;;
  *'rollout status'*) echo rollout >> '$work/calls' ;;
  *'apply -f -') cat > '$work/stdin'
    if grep -q pool '$work/stdin'; then
      # The webhook answers at the third try.
      echo x >> '$work/tries'; [[ \$(wc -l < '$work/tries') -ge 3 ]] || { echo 'failed calling webhook'; exit 1; }
      touch '$work/after'
    fi ;;
  *'apply -f '*) cp \"\${*: -1}\" '$work/applied' ;;
esac"
double sleep ''
double helm "echo \"helm \$*\" >> '$work/calls'; cat '$work/tmp/add-on/values.yaml' >> '$work/calls'"
sample='# Source: calico
---
# A comment alone.
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: calico-kube-controllers
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: calico-config
data:
  text: |
    kind: DaemonSet
    image: docker.io/calico/node:v3
---
kind: DaemonSet
apiVersion: apps/v1
metadata:
  name: calico-node
spec:
  selector:
    matchLabels: {k8s-app: calico-node}
  template:
    metadata:
      labels: {k8s-app: calico-node}
    spec:
      initContainers:
        - name: install-cni
          image: docker.io/calico/cni:v3
      containers:
        - name: calico-node
          image: docker.io/calico/node:v3
          env:
            - {name: IP, value: autodetect}
            # - name: CALICO_IPV4POOL_CIDR
            #   value: "192.168.0.0/16"'
NAME='calico 3' WORKLOAD='kube-system daemonset/calico-node' MANIFEST='' ENCODING=none CONTAINER=calico-node
SETTINGS=$'CALICO_IPV4POOL_CIDR=172.16.0.0/16\nIP_AUTODETECTION_METHOD=kubernetes-internal-ip' REGISTRY=quay.io
VALUES='' AFTER='' PATCHES=''
SHA256=$(sha256sum <<< "$sample") && SHA256=${SHA256%% *}
with_payload() { do_apply < <(echo "$sample"); }

fails 'calico 3 is not in the cluster: not found'
with_payload
same "$answer" 0
holds 'calico 3 is in the cluster'
same "$(grep -c '^kind:' "$work/applied")" 3
[[ $(calls) == *'set env --local'*'-c calico-node CALICO_IPV4POOL_CIDR=172.16.0.0/16 IP_AUTODETECTION_METHOD=kubernetes-internal-ip'* ]]
[[ $(calls) == *'set image --local'*'install-cni=quay.io/calico/cni:v3 calico-node=quay.io/calico/node:v3'* ]]
# What stands in a text is left as it is.
grep -q '    image: docker.io/calico/node:v3' "$work/applied"
if [[ -x $local_kubectl ]]; then
  same "$(grep -c quay.io/calico "$work/applied")" 2
  same "$(grep -A 1 -E 'name: (IP|CALICO_IPV4POOL_CIDR|IP_AUTODETECTION_METHOD)$' "$work/applied" | grep value: | tr -d ' ')" \
    $'value:autodetect\nvalue:172.16.0.0/16\nvalue:kubernetes-internal-ip'
fi
# Another range is another add-on; a manifest that is not what it should be is not applied.
SETTINGS='CALICO_IPV4POOL_CIDR=10.0.0.0/16'
fails 'not as wanted'
rm "$work/applied"
SHA256=${SHA256//[0-9]/0}
with_payload
[[ $answer != 0 && ! -e $work/applied ]]
SHA256=
with_payload
[[ $answer != 0 && $log == *'the pack has no manifest of calico 3'* ]]

# A patch is for the workload that it names.
if [[ -x $local_kubectl ]]; then
  SHA256=$(sha256sum <<< "$sample") && SHA256=${SHA256%% *}
  add='[{"op":"add","path":"/spec/template/spec/containers/0/env/-","value":{"name":"PATCHED","value":"yes"}}]'
  PATCHES="daemonset/calico-node $add"
  with_payload
  same "$(grep -c PATCHED "$work/applied")" 1
  PATCHES="daemonset/other $add"
  with_payload
  same "$(grep -c PATCHED "$work/applied" || true)" 0
  PATCHES=''
fi

# A pool after the workload, as often as its webhook wants to be asked.
rm "$work/mark" "$work/calls"
NAME='metallb 0.15' WORKLOAD='metallb-system deployment/controller' MANIFEST='kind: Namespace' SETTINGS=''
REGISTRY='' AFTER='kind: pool'
do_apply
same "$answer" 0
same "$(wc -l < "$work/tries")" 3
same "$(calls)" rollout
holds 'metallb 0.15 is in the cluster'
rm "$work/after"
fails 'lacks its settings'

# A chart is given its values by helm, and marked like all others.
rm "$work/mark" "$work/calls"
NAME='cilium 1.20' WORKLOAD='kube-system daemonset/cilium' MANIFEST='' AFTER='' VALUES='ipam: {}'
SHA256=$(sha256sum <<< "$sample") && SHA256=${SHA256%% *}
fails 'cilium 1.20 is not in the cluster'
with_payload
same "$answer" 0
same "$(calls)" "helm upgrade --install cilium $work/tmp/add-on/chart.tgz --kubeconfig /etc/kubernetes/admin.conf --namespace kube-system --values $work/tmp/add-on/values.yaml
ipam: {}"
holds 'cilium 1.20 is in the cluster'
