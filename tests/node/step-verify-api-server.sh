# shellcheck shell=bash disable=SC2016,SC2034,SC2154,SC2317
# The API server is asked check by check: those that hold are named, and of those that do not all.
step verify-api-server
echo '1.50 2.01 2.5 2/800 1234' > "$work/loadavg"
mount --bind "$work/loadavg" /proc/loadavg
double nproc 'echo 2'
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

# A load that explains it is named, and none that does not.
touch /etc/kubernetes/manifests/kube-apiserver.yaml
double kubectl 'echo "Unable to connect to the server: net/http: TLS handshake timeout" >&2; exit 1'
ask
same "$said" 'Unable to connect to the server: net/http: TLS handshake timeout'
echo '96.31 40.01 20.5 97/800 1234' > "$work/loadavg"
fails 'TLS handshake timeout; the load is 96 on 2 processors'
ADDRESS=
ask
same "$said" 'Unable to connect to the server: net/http: TLS handshake timeout'
ADDRESS=192.168.1.10

step kubeadm-init
init_done=$work/init-done
touch "$init_done"
all_files() { true; }
double curl 'exit 28'
fails 'the api server on 192.168.1.10:6443 is not ready; the load is 96 on 2 processors'
echo '7.99 40.01 20.5 97/800 1234' > "$work/loadavg"
ask
same "$said" 'the api server on 192.168.1.10:6443 is not ready'
