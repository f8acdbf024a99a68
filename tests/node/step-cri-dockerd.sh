# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# The units name the pause image and the CNI folders, and the service is restarted when they change.
step cri-dockerd
process_of() { return 0; }
SANDBOX_IMAGE=registry.k8s.io/pause:3.10.2
ask
[[ -x /usr/bin/cri-dockerd ]] || says 'cri-dockerd is missing'
do_apply
same "$answer" 0
same "$(calls)" 'systemctl daemon-reload
systemctl enable -q cri-docker.socket cri-docker.service
systemctl start cri-docker.socket
systemctl restart cri-docker.service'
same "$(< /etc/systemd/system/cri-docker.socket)" "$socket_unit"
same "$(< /etc/systemd/system/cri-docker.service)" '[Unit]
Description=CRI of Docker (kprov)
Documentation=https://mirantis.github.io/cri-dockerd
Wants=network-online.target
After=network-online.target docker.service
Requires=cri-docker.socket docker.service
[Service]
Type=notify
ExecStart=/usr/bin/cri-dockerd --container-runtime-endpoint=fd:// --network-plugin=cni --cni-bin-dir=/opt/cni/bin --cni-conf-dir=/etc/cni/net.d --pod-infra-container-image=registry.k8s.io/pause:3.10.2
ExecReload=/bin/kill -s HUP $MAINPID
TimeoutSec=0
Restart=always
RestartSec=2
LimitNPROC=infinity
LimitCORE=infinity
LimitNOFILE=infinity
TasksMax=infinity
Delegate=yes
KillMode=process
[Install]
WantedBy=multi-user.target'

# Where a unit does not come up, what it said itself is told, and nothing of systemd's own.
double systemctl '[[ $* != *start*cri-docker.service && $* != *is-active* ]]'
double journalctl 'echo "Starting cri-docker.service - CRI of Docker (kprov)..."
echo "level=fatal msg=\"unable to reach Docker\""
echo "cri-docker.service: Failed with result exit-code."
echo "Failed to start cri-docker.service - CRI of Docker (kprov)."
echo "cri-docker.service: Scheduled restart job, restart counter is at 5."'
do_apply
same "$answer" 1
same "$log" 'cri-docker.service: level=fatal msg="unable to reach Docker"'
