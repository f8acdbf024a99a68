# shellcheck shell=bash disable=SC2034,SC2154,SC2317
# Root and who logs in have a kubeconfig; their own changes stay, a renewed certificate comes, a foreign file is not touched.
step kubectl-config
mkdir -p "$work/root" "$work/kim"
printf 'root:x:0:0::%s:/bin/bash\nkim:x:1000:1000::%s:/bin/bash\nlee:x:1001:1001::/nowhere:/bin/bash\n' "$work/root" "$work/kim" > /etc/passwd
SUDO_USER=kim
fails 'admin.conf is missing'
mkdir -p /etc/kubernetes
printf 'users:\n- user:\n    client-certificate-data: Zmlyc3Q=\n' > /etc/kubernetes/admin.conf
fails "$work/root/.kube/config is not this cluster's"
do_apply
same "$answer" 0
holds 'for root, kim'
same "$(stat -c '%a %u:%g' "$work/kim/.kube/config")" '600 1000:1000'
same "$(stat -c '%u' "$work/kim/.kube")" 1000
same "$(< "$work/kim/.kube/config")" "$(< /etc/kubernetes/admin.conf)"
echo 'current namespace: mine' >> "$work/kim/.kube/config"
holds 'for root, kim'
do_apply
same "$(tail -n 1 "$work/kim/.kube/config")" 'current namespace: mine'
# After a renewal.
sed -i 's/Zmlyc3Q=/c2Vjb25k/' /etc/kubernetes/admin.conf
fails "is not this cluster's"
do_apply
same "$(< "$work/kim/.kube/config")" "$(< /etc/kubernetes/admin.conf)"
# A host with a kubeconfig of its own.
rm -r "$work/kim/.kube" "$kprov_state/installed"
mkdir "$work/kim/.kube"
echo 'another cluster' > "$work/kim/.kube/config"
holds "for root; $work/kim/.kube/config was there before kprov and is left alone"
do_apply
same "$(< "$work/kim/.kube/config")" 'another cluster'
