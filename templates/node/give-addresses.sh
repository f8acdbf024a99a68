# shellcheck shell=bash
# Guarantees: the service kprov-give-addresses runs, now and after a reboot: it gives Services of type LoadBalancer
# addresses of the pool and names the node that answers for each. It has rights of its own, for nothing else.
# Needs: ADDRESS (where this node's API server listens), FIRST, LAST (the pool), PROGRAM (its text), RIGHTS (YAML).
# For the first control plane.

give_program=/usr/local/lib/kprov/give-addresses
give_unit=/etc/systemd/system/kprov-give-addresses.service
credentials=/etc/kubernetes/kprov/give-addresses

unit_text() {
  wanted="[Unit]
Description=Addresses for Services of type LoadBalancer (kprov)
Wants=network-online.target
After=network-online.target
[Service]
Environment=FIRST=$FIRST LAST=$LAST API=https://$ADDRESS:6443 CREDENTIALS=$credentials
Environment=RUNTIME_DIRECTORY=/run/kprov-give-addresses
RuntimeDirectory=kprov-give-addresses
ExecStart=$give_program
# Root without any of root's privileges.
CapabilityBoundingSet=
NoNewPrivileges=yes
Restart=always
RestartSec=2
[Install]
WantedBy=multi-user.target"
}

# may: whether its token lets it look at Services.
may() {
  curl -sf -m 5 -o /dev/null --cacert /etc/kubernetes/pki/ca.crt -K $credentials/curl "https://$ADDRESS:6443/api/v1/services?limit=1"
}

check() {
  local wanted
  unit_text
  if ! same_file $give_program "$PROGRAM" || ! same_file $give_unit "$wanted" || ! is_enabled kprov-give-addresses; then
    echo "the service kprov-give-addresses is not as wanted"
    return 1
  fi
  if ! same_file $credentials/rights.yaml "$RIGHTS" || [[ ! -e $credentials/curl ]] || ! may; then
    echo "the service kprov-give-addresses has no rights in the cluster"
    return 1
  fi
  if ! process_of kprov-give-addresses give-addresses; then
    echo "the service kprov-give-addresses does not run"
    return 1
  fi
  echo "Services get addresses of $FIRST-$LAST"
}

apply() {
  local wanted token kubectl=(kubectl --kubeconfig /etc/kubernetes/admin.conf)
  "${kubectl[@]}" apply -f - <<< "$RIGHTS"
  # The controller manager makes the token.
  for _ in {1..150}; do
    token=$("${kubectl[@]}" -n kube-system get secret kprov-give-addresses -o 'jsonpath={.data.token}' | base64 -d)
    [[ -z $token ]] || break
    sleep 0.2
  done
  if [[ -z $token ]]; then
    echo "the controller manager has made no token for kprov-give-addresses"
    return 1
  fi
  write_file $credentials/token 600 <<< "$token"
  write_file $credentials/curl 600 <<< "header = \"Authorization: Bearer $token\""
  write_file $credentials/kubeconfig 600 << CONF
apiVersion: v1
kind: Config
clusters:
- name: kprov
  cluster:
    server: https://$ADDRESS:6443
    certificate-authority: /etc/kubernetes/pki/ca.crt
users:
- name: kprov
  user:
    tokenFile: $credentials/token
contexts:
- name: kprov
  context:
    cluster: kprov
    user: kprov
current-context: kprov
CONF
  write_file $credentials/rights.yaml 644 <<< "$RIGHTS"
  write_file $give_program 755 <<< "$PROGRAM"
  unit_text
  write_file $give_unit 644 <<< "$wanted"
  systemctl daemon-reload
  systemctl enable -q kprov-give-addresses
  run_unit restart kprov-give-addresses
}
