# shellcheck shell=bash disable=SC2034,SC2154
# The configuration follows containerd's major version, the first one found is kept, a kill before the restart is seen.
step containerd-config
process_of() { return 0; }
double containerd 'echo "containerd github.com/containerd/containerd v1.6.20 abc"'
double ctr ''
mkdir -p /etc/containerd
echo 'disabled_plugins = ["cri"]' > /etc/containerd/config.toml
SANDBOX_IMAGE=k8s.gcr.io/pause:3.2 MIRRORS=$'http://10.0.0.1:5000\nhttps://mirror.example/v2/hub'
fails "is not kprov's"
do_apply
same "$answer" 0
same "$(calls)" 'systemctl restart containerd'
same "$(< /etc/containerd/config.toml.before-kprov)" 'disabled_plugins = ["cri"]'
grep -q '^version = 2$' /etc/containerd/config.toml
grep -q 'sandbox_image = "k8s.gcr.io/pause:3.2"' /etc/containerd/config.toml
same "$(grep -c override_path /etc/containerd/certs.d/_default/hosts.toml)" 1
# There is no socket in here, and that is the last thing asked for.
fails 'does not answer'
do_apply
same "$(calls | tail -n 1)" 'systemctl start containerd'
touch /var/lib/kprov/containerd-restart
fails 'not been restarted'
do_apply
same "$(calls | tail -n 1)" 'systemctl restart containerd'
double containerd 'echo "containerd github.com/containerd/containerd/v2 v2.1.4 abc"'
fails "is not kprov's"
do_apply
grep -q '^version = 3$' /etc/containerd/config.toml
same "$(< /etc/containerd/config.toml.before-kprov)" 'disabled_plugins = ["cri"]'
