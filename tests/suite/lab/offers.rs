//! What not every cluster offers: a default `StorageClass` and metrics, as far as a lab can have them.

use super::Folder;

/// A class whose volumes are made by hand, and one volume of it.
const STORAGE: &str = r#"
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata:
  name: by-hand
  annotations: {storageclass.kubernetes.io/is-default-class: "true"}
provisioner: kubernetes.io/no-provisioner
volumeBindingMode: WaitForFirstConsumer
"#;

const VOLUME: &str = "
apiVersion: v1
kind: PersistentVolume
metadata:
  name: by-hand
spec:
  storageClassName: by-hand
  capacity: {storage: 8Mi}
  accessModes: [ReadWriteOnce]
  hostPath: {path: /run/by-hand, type: DirectoryOrCreate}
";

/// In the place of metrics-server: nginx with what it would answer, behind the API server.
const METRICS: &str = r#"
apiVersion: v1
kind: ConfigMap
metadata: {name: metrics, namespace: kube-system}
data:
  nginx.conf: |
    pid /tmp/nginx.pid;
    error_log /dev/stderr;
    events {}
    http {
      default_type application/json;
      server {
        listen 443 ssl;
        ssl_certificate /tls/tls.crt;
        ssl_certificate_key /tls/tls.key;
        location = /apis/metrics.k8s.io/v1beta1 { alias /answers/api.json; }
        location = /apis/metrics.k8s.io/v1beta1/nodes { alias /answers/nodes.json; }
      }
    }
  api.json: |
    {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "metrics.k8s.io/v1beta1", "resources": [
      {"name": "nodes", "singularName": "", "namespaced": false, "kind": "NodeMetrics", "verbs": ["get", "list"]}]}
  nodes.json: |
    {"kind": "NodeMetricsList", "apiVersion": "metrics.k8s.io/v1beta1", "metadata": {}, "items": [NODES]}
---
apiVersion: v1
kind: Pod
metadata: {name: metrics, namespace: kube-system, labels: {app: metrics}}
spec:
  terminationGracePeriodSeconds: 1
  containers:
    - name: nginx
      image: nginx:1.22-next
      imagePullPolicy: IfNotPresent
      command: [nginx, -c, /answers/nginx.conf, -g, "daemon off;"]
      readinessProbe: {tcpSocket: {port: 443}, periodSeconds: 1}
      volumeMounts:
        - {name: answers, mountPath: /answers}
        - {name: tls, mountPath: /tls}
  volumes:
    - name: answers
      configMap: {name: metrics}
    - name: tls
      secret: {secretName: metrics}
---
apiVersion: v1
kind: Service
metadata: {name: metrics, namespace: kube-system}
spec:
  selector: {app: metrics}
  ports: [{port: 443}]
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1beta1.metrics.k8s.io}
spec:
  service: {name: metrics, namespace: kube-system}
  group: metrics.k8s.io
  version: v1beta1
  insecureSkipTLSVerify: true
  groupPriorityMinimum: 100
  versionPriority: 100
"#;

const SHELL: &str = "set -eu; export KUBECONFIG=/etc/kubernetes/admin.conf; ";

/// Both, without and with what they promise.
pub(super) fn are_seen(lab: &Folder) {
    let apply = |manifest: &str| {
        lab.on(
            "m-k8s",
            &format!("{SHELL}kubectl apply -f - <<END\n{manifest}\nEND\n"),
        )
    };
    lab.on(
        "m-k8s",
        &format!(
            "{SHELL}cd $(mktemp -d); openssl req -x509 -newkey rsa:2048 -nodes -keyout key -out cert -days 2 -subj /CN=metrics \
             2>/dev/null; kubectl -n kube-system create secret tls metrics --cert=cert --key=key"
        ),
    );
    let metrics = |names: &[&str]| {
        let usage = "\"timestamp\": \"2026-01-01T00:00:00Z\", \"window\": \"30s\", \
                     \"usage\": {\"cpu\": \"120m\", \"memory\": \"300Mi\"}";
        let nodes: Vec<String> = names
            .iter()
            .map(|name| format!("{{\"metadata\": {{\"name\": \"{name}\"}}, {usage}}}"))
            .collect();
        apply(&METRICS.replace("NODES", &nodes.join(", ")));
        lab.on(
            "m-k8s",
            &format!(
                "{SHELL}kubectl -n kube-system wait --for=condition=Ready pod/metrics --timeout=60s; for _ in $(seq 300); do \
                 kubectl get --raw /apis/metrics.k8s.io/v1beta1/nodes >/dev/null 2>&1 && break; sleep 0.2; done"
            ),
        );
    };
    let only = ["verify", "--only", "storage-class,metrics"];

    // A class alone gives nothing, and of one node nothing is known.
    apply(STORAGE);
    metrics(&["m-k8s", "w1-k8s"]);
    lab.kprov(&[&only[..], &["--timeout", "25"]].concat())
        .exits(4)
        .says("its claim is Pending")
        .says("there are no metrics of w2-k8s");

    apply(VOLUME);
    lab.on(
        "m-k8s",
        &format!("{SHELL}kubectl -n kube-system delete pod metrics --force --grace-period=0 2>/dev/null"),
    );
    metrics(&["m-k8s", "w1-k8s", "w2-k8s"]);
    lab.kprov(&only).exits(0);
    let report = lab.report();
    let rows = report["rows"].as_array().unwrap();
    let seen = |step: &str| {
        rows.iter()
            .find(|row| row["step"] == step)
            .map(|row| &row["seen"])
    };
    assert_eq!(
        seen("storage-class"),
        Some(&"a claim of 1 MiB is bound by by-hand".into())
    );
    assert_eq!(seen("metrics"), Some(&"metrics of 3 nodes".into()));

    lab.on(
        "m-k8s",
        &format!(
            "{SHELL}kubectl delete apiservice v1beta1.metrics.k8s.io; kubectl delete pv/by-hand storageclass/by-hand; \
             kubectl -n kube-system delete pod/metrics service/metrics configmap/metrics secret/metrics"
        ),
    );
}
