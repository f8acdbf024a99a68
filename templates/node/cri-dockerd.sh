# shellcheck shell=bash
# Guarantees: cri-dockerd runs now and at boot and serves the CRI for Docker on /run/cri-dockerd.sock, with
# SANDBOX_IMAGE and the CNI folders that Kubernetes expects. From Kubernetes 1.24 on the kubelet cannot do that itself.
# Needs: SANDBOX_IMAGE.

socket_path=/etc/systemd/system/cri-docker.socket
service_path=/etc/systemd/system/cri-docker.service

socket_unit='[Unit]
Description=CRI socket of Docker (kprov)
PartOf=cri-docker.service
[Socket]
ListenStream=/run/cri-dockerd.sock
SocketMode=0660
[Install]
WantedBy=sockets.target'

# wanted_service: sets `wanted`.
wanted_service() {
  wanted="[Unit]
Description=CRI of Docker (kprov)
Documentation=https://mirantis.github.io/cri-dockerd
Wants=network-online.target
After=network-online.target docker.service
Requires=cri-docker.socket docker.service
[Service]
Type=notify
ExecStart=/usr/bin/cri-dockerd --container-runtime-endpoint=fd:// --network-plugin=cni --cni-bin-dir=/opt/cni/bin --cni-conf-dir=/etc/cni/net.d --pod-infra-container-image=$SANDBOX_IMAGE
ExecReload=/bin/kill -s HUP \$MAINPID
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
WantedBy=multi-user.target"
}

check() {
  local wanted pid
  if [[ ! -x /usr/bin/cri-dockerd ]]; then
    echo "/usr/bin/cri-dockerd is missing"
    return 1
  fi
  wanted_service
  if ! same_file $service_path "$wanted" || ! same_file $socket_path "$socket_unit"; then
    echo "the units of cri-dockerd are missing or not as wanted"
    return 1
  fi
  if ! is_enabled cri-docker || [[ ! -L /etc/systemd/system/sockets.target.wants/cri-docker.socket ]]; then
    echo "cri-dockerd does not start at boot"
    return 1
  fi
  if [[ ! -S /run/cri-dockerd.sock ]] || ! process_of cri-docker cri-dockerd; then
    echo "cri-dockerd does not run"
    return 1
  fi
  if [[ ! /proc/$pid/exe -ef /usr/bin/cri-dockerd ]]; then
    echo "cri-dockerd runs another version than the installed one"
    return 1
  fi
  echo "cri-dockerd runs"
}

apply() {
  local wanted
  wanted_service
  write_file $socket_path 644 <<< "$socket_unit"
  write_file $service_path 644 <<< "$wanted"
  systemctl daemon-reload
  systemctl enable -q cri-docker.socket cri-docker.service
  run_unit start cri-docker.socket
  # It reads its arguments only once.
  run_unit restart cri-docker.service
}
