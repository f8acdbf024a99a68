//! What the rendered YAML says, read back.

use kprov::names::{ClusterName, NodeName};
use kprov::render;
use kprov::spec::{KubernetesVersion, Provider, Spec};
use kprov::versions;
use serde_json::Value;

use super::specs;

/// The documents of a node's kubeadm configuration.
pub fn documents(spec: &Spec, node: &str, provider: Provider) -> Vec<Value> {
    let text = render::kubeadm(spec, spec.node(node).unwrap(), provider).unwrap();
    serde_saphyr::from_multiple(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The one document of a kind.
pub fn document(spec: &Spec, node: &str, provider: Provider, kind: &str) -> Value {
    let mut found = documents(spec, node, provider);
    found.retain(|document| document["kind"] == kind);
    assert_eq!(found.len(), 1, "{kind} of {node}");
    found.remove(0)
}

#[test]
fn the_first_control_plane_is_initialised_and_the_others_join() {
    let spec = specs::three_control_planes();
    let join = document(&spec, "cp2", Provider::Virtualbox, "JoinConfiguration");
    let local = &join["controlPlane"]["localAPIEndpoint"];
    assert_eq!(local["advertiseAddress"], "192.168.56.11");
    assert_eq!(
        join["discovery"]["file"]["kubeConfigPath"],
        render::DISCOVERY_FILE
    );
    assert_eq!(join["nodeRegistration"]["taints"], serde_json::json!([]));

    let cluster = document(&spec, "cp1", Provider::Virtualbox, "ClusterConfiguration");
    assert_eq!(cluster["controlPlaneEndpoint"], "api.ha.internal:6443");
    let names: Vec<_> = cluster["apiServer"]["certSANs"]
        .as_array()
        .unwrap()
        .iter()
        .collect();
    for name in ["api.ha.internal", "cp3", "192.168.56.12", "127.0.0.1"] {
        assert!(names.iter().any(|n| *n == name), "{name} in {names:?}");
    }
    assert_eq!(
        cluster["controllerManager"],
        Value::Null,
        "the user's pod network has no fixed ranges"
    );
}

#[test]
fn a_kubeadm_that_would_choose_other_images_is_told() {
    for (minor, patch, told) in [
        (20, 2, false),
        (30, 2, true),
        (30, 14, false),
        (37, 0, true),
        (37, 1, false),
    ] {
        let mut spec = specs::course();
        spec.kubernetes = KubernetesVersion { minor, patch };
        let cluster = document(&spec, "m-k8s", Provider::Virtualbox, "ClusterConfiguration");
        let row = versions::row(minor);
        let tag = |text: &str| told.then(|| Value::from(text));
        assert_eq!(
            cluster.pointer("/dns/imageTag"),
            tag(&row.coredns).as_ref(),
            "1.{minor}.{patch}"
        );
        assert_eq!(
            cluster.pointer("/etcd/local/imageTag"),
            tag(&row.etcd).as_ref(),
            "1.{minor}.{patch}"
        );
    }
}

#[test]
fn workers_keep_pods_off_the_control_plane() {
    let spec = specs::course();
    let init = document(&spec, "m-k8s", Provider::Virtualbox, "InitConfiguration");
    assert_eq!(init["nodeRegistration"].get("taints"), None);
    let join = document(&spec, "w1-k8s", Provider::Virtualbox, "JoinConfiguration");
    assert_eq!(join["nodeRegistration"].get("taints"), None);
    assert_eq!(join.get("controlPlane"), None);
}

#[test]
fn every_node_has_its_own_address() {
    for minor in [20, 31] {
        let mut spec = specs::course();
        spec.kubernetes = KubernetesVersion { minor, patch: 0 };
        for node in &spec.nodes {
            let first = &documents(&spec, node.name.as_str(), Provider::Virtualbox)[0];
            let arguments = &first["nodeRegistration"]["kubeletExtraArgs"];
            let address = node.address.to_string();
            let expected = match minor {
                20 => serde_json::json!({ "node-ip": address }),
                _ => serde_json::json!([{ "name": "node-ip", "value": address }]),
            };
            assert_eq!(*arguments, expected);
        }
    }
}

#[test]
fn no_file_holds_a_token() {
    for (_, spec) in specs::examples() {
        let init = document(
            &spec,
            spec.nodes[0].name.as_str(),
            spec.provider,
            "InitConfiguration",
        );
        assert_eq!(init["bootstrapTokens"].as_array().unwrap().len(), 1);
        assert_eq!(init["bootstrapTokens"][0].get("token"), None);
        assert_eq!(init["bootstrapTokens"][0]["ttl"], "15m0s");
    }
}

#[test]
fn coredns_is_found_from_1_21_on() {
    for (minor, repository) in [(20, Value::Null), (21, "k8s.gcr.io/coredns".into())] {
        let mut spec = specs::course();
        spec.kubernetes.minor = minor;
        let cluster = document(&spec, "m-k8s", Provider::Virtualbox, "ClusterConfiguration");
        assert_eq!(cluster["dns"]["imageRepository"], repository);
    }
}

#[test]
fn only_containers_leave_conntrack_alone() {
    let spec = specs::containers();
    for (provider, expected) in [(Provider::Docker, Value::from(0)), (Provider::Ssh, Value::Null)] {
        let proxy = document(&spec, "cp1", provider, "KubeProxyConfiguration");
        assert_eq!(proxy["conntrack"]["maxPerCore"], expected);
    }
}

#[test]
fn a_value_stays_a_value() {
    let (mut spec, _) = specs::hostile();
    for minor in [20, 24, 31] {
        spec.kubernetes.minor = minor;
        let cluster = document(&spec, "cp1", Provider::Libvirt, "ClusterConfiguration");
        assert_eq!(cluster["networking"]["dnsDomain"], specs::HOSTILE);
        assert_eq!(cluster["imageRepository"], specs::HOSTILE);
    }
}

#[test]
fn names_that_look_like_numbers_stay_names() {
    let mut spec = specs::containers();
    spec.name = ClusterName::new("1e3").unwrap();
    spec.nodes[1].name = NodeName::new("0").unwrap();
    spec.nodes[2].name = NodeName::new("null").unwrap();
    let cluster = document(&spec, "cp1", Provider::Docker, "ClusterConfiguration");
    assert_eq!(cluster["clusterName"], "1e3");
    for name in ["0", "null"] {
        let join = document(&spec, name, Provider::Docker, "JoinConfiguration");
        assert_eq!(join["nodeRegistration"]["name"], name);
    }
}
