# shellcheck shell=bash disable=SC2016,SC2034,SC2154,SC2317
# The API server is asked check by check: those that hold are named, and of those that do not all.
step verify-api-server
ADDRESS=192.168.1.10

double kubectl 'printf "[+]ping ok\n[+]log ok\n[+]etcd ok\n[+]poststarthook/rbac/bootstrap-roles ok\n[+]poststarthook/crd-informer-synced ok\n[+]shutdown ok\nreadyz check passed\n"'
holds 'https://192.168.1.10:6443/readyz: ping, log, etcd, shutdown, 2 poststarthooks ok'
ADDRESS=
holds '/readyz: ping, log, etcd, shutdown, 2 poststarthooks ok'
ADDRESS=192.168.1.10
double kubectl 'printf "Error from server (InternalError): an error on the server (\"[+]ping ok\\n" >&2; printf "[-]etcd failed: reason withheld\n[-]poststarthook/rbac/bootstrap-roles failed: not finished\nreadyz check failed\") has prevented the request from succeeding\n" >&2; exit 1'
mkdir -p /etc/kubernetes/manifests
touch /etc/kubernetes/manifests/kube-apiserver.yaml
fails 'not ready: etcd poststarthook/rbac/bootstrap-roles'
same "$(< "$work/likely")" 'likely 2'
double kubectl 'echo "The connection to the server 192.168.1.10:6443 was refused" >&2; exit 1'
fails 'was refused'
rm /etc/kubernetes/manifests/kube-apiserver.yaml
fails '/etc/kubernetes/manifests/kube-apiserver.yaml is missing'
