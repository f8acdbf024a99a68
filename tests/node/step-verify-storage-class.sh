# shellcheck shell=bash disable=SC2016,SC2034,SC2154,SC2317
# A volume is claimed where there is a default StorageClass.
step verify-storage-class
NAMESPACE=kprov-verify-1 IMAGE=nginx

# kubectl as it answers with these classes, this state of the pod, and this of the claim.
cluster() {
  double kubectl "case \"\$*\" in
  *'get storageclasses'*) printf '$1\\n' ;;
  *' wait '*) ;;
  *'get pod claims'*) printf '$2' ;;
  *'get pvc claim'*phase*) printf '$3' ;;
  *'get pvc claim'*) printf 'standard' ;;
  *' apply '*) cat > '$work/applied' ;;
  *) exit 9 ;;
esac"
}

cluster '' '' ''
do_apply
skips 'no default StorageClass'
cluster 'slow ' '' ''
do_apply
skips 'no default StorageClass'

cluster 'slow \\nstandard true' 'Running|True|172.16.1.9|w1-k8s||' Bound
do_apply
same "$answer" 0
[[ $(< "$work/applied") == *'storage: 1Mi'*'claimName: claim'* ]]
holds 'bound by standard'
cluster 'standard true' 'Pending|||||0/3 nodes are available: 3 pod has unbound immediate PersistentVolumeClaims.' Pending
fails 'pod claims is Pending: 0/3 nodes are available: 3 pod has unbound immediate PersistentVolumeClaims.; its claim is Pending'
cluster 'standard true' 'Pending|False||w1-k8s|ErrImagePull|rpc error' Bound
fails 'pod claims is Pending: ErrImagePull: rpc error; its claim is Bound'
cluster 'standard true' 'Pending|False||w1-k8s||' Bound
fails 'pod claims is Pending; its claim is Bound'
