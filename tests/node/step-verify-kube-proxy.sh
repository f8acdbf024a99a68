# shellcheck shell=bash disable=SC2016,SC2034,SC2154,SC2317
# kube-proxy is healthy, and its rules lead the service `kubernetes` to the API servers.
step verify-kube-proxy

# curl as a healthy kube-proxy answers; iptables-save with these rules.
double curl 'case "$*" in *10256*) printf "ok\n200" ;; *) printf iptables ;; esac'
double iptables-save "cat '$work/rules'"
for name in iptables-legacy-save iptables-nft-save nft; do double "$name" 'exit 1'; done

cat > "$work/rules" <<'RULES'
-A KUBE-SERVICES -d 10.96.0.1/32 -p tcp -m comment --comment "default/kubernetes:https cluster IP" -m tcp --dport 443 -j KUBE-SVC-NPX46M4PTMTKRN6Y
-A KUBE-SVC-NPX46M4PTMTKRN6Y -m comment --comment "default/kubernetes:https" -j KUBE-SEP-6EIPQ5YE7Q7ZXPXP
-A KUBE-SEP-6EIPQ5YE7Q7ZXPXP -p tcp -m comment --comment "default/kubernetes:https" -m tcp -j DNAT --to-destination 192.168.1.10:6443
-A KUBE-SEP-7EIPQ5YE7Q7ZXPXP -p tcp -m comment --comment "kube-system/kube-dns:dns-tcp" -m tcp -j DNAT --to-destination 172.16.1.2:53
RULES
holds 'healthy on port 10256, mode iptables; rules for services in iptables, kubernetes leads to 192.168.1.10:6443'
# Several control planes, and a release that adds what is weighed.
sed -i '3p; 3s/.10:6443/.11:6443/' "$work/rules"
sed -i '2s/"default\/kubernetes:https"/"default\/kubernetes:https -> 192.168.1.10:6443"/' "$work/rules"
holds 'kubernetes leads to 192.168.1.10:6443, 192.168.1.11:6443'
# Rules of other services only, and none at all.
sed -i '/kubernetes/d; s/-A KUBE-SEP/-A KUBE-SVC-TCOU7JCQXEZGVUNU -j KUBE-SEP/' "$work/rules"
fails 'no rule leads the service kubernetes to an API server'
: > "$work/rules"
fails 'this node has no rules for services'
