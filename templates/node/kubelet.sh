# shellcheck shell=bash
# Guarantees: the kubelet's unit and drop-in are as in kubeadm's packages, and it starts at boot. Whether it runs is
# for later steps: before `kubeadm init` or `join` it has no configuration.
# A kubelet asks the metadata services of clouds when it starts, and waits four seconds where nobody answers: with
# METADATA=unreachable it is told at once.
# Needs: METADATA (unreachable on machines that are in no cloud, else empty).

kubelet_unit='[Unit]
Description=kubelet: The Kubernetes Node Agent
Documentation=https://kubernetes.io/docs/
Wants=network-online.target
After=network-online.target containerd.service docker.service cri-docker.service
[Service]
ExecStart=/usr/bin/kubelet
Restart=always
StartLimitInterval=0
RestartSec=1
[Install]
WantedBy=multi-user.target'

# shellcheck disable=SC2016 # systemd expands these
kubelet_dropin='[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
EnvironmentFile=-/etc/default/kubelet
EnvironmentFile=-/etc/sysconfig/kubelet
ExecStart=
ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS'

# The address that all clouds have their metadata service at (RFC 3927 range).
metadata_dropin='[Service]
ExecStartPre=-/bin/sh -c "ip route replace unreachable 169.254.169.254/32"'

unit_path=/etc/systemd/system/kubelet.service
dropin_path=/etc/systemd/system/kubelet.service.d/10-kubeadm.conf
metadata_path=/etc/systemd/system/kubelet.service.d/20-kprov-metadata.conf

check() {
  if ! same_file $unit_path "$kubelet_unit" || ! same_file $dropin_path "$kubelet_dropin"; then
    echo "the kubelet's unit is missing or not as wanted"
    return 1
  fi
  if [[ $METADATA == unreachable ]] && ! same_file $metadata_path "$metadata_dropin"; then
    echo "the kubelet would wait for a cloud's metadata service"
    return 1
  fi
  if ! is_enabled kubelet; then
    echo "the kubelet does not start at boot"
    return 1
  fi
  echo "the kubelet starts at boot"
}

apply() {
  [[ ! -L $unit_path ]] || rm -f $unit_path # masked
  [[ $METADATA != unreachable ]] || write_file $metadata_path 644 <<< "$metadata_dropin"
  # The last file written is the one that the check looks at first, so a kill in between is made good.
  write_file $dropin_path 644 <<< "$kubelet_dropin"
  write_file $unit_path 644 <<< "$kubelet_unit"
  systemctl daemon-reload
  systemctl enable -q kubelet
  # Does nothing to one that does not run.
  systemctl try-restart kubelet
}
