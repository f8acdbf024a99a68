//! Pod networks, load balancers and modes of kube-proxy, on every minor version of Kubernetes.

use kprov::artifact::Image;
use kprov::render::{self, AddOn, Manifest};
use kprov::spec::{Cni, Implementation, KubernetesVersion, LoadBalancer, Provider, ProxyMode, Role};
use serde_json::Value;

use super::{specs, yaml};

const POOL: LoadBalancer = LoadBalancer {
    first: std::net::Ipv4Addr::new(192, 168, 56, 11),
    last: std::net::Ipv4Addr::new(192, 168, 56, 99),
    implementation: Implementation::Metallb,
};

fn documents(text: &str) -> Vec<Value> {
    let documents: Vec<Value> =
        serde_saphyr::from_multiple(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    for document in &documents {
        for field in ["apiVersion", "kind"] {
            assert!(document[field].is_string(), "{document}");
        }
        assert!(document["metadata"]["name"].is_string(), "{document}");
    }
    documents
}

#[test]
fn every_minor_gets_every_network_and_load_balancer() {
    let mut seen = 0;
    for minor in kprov::versions::rows().iter().map(|row| row.minor) {
        for cni in [Cni::Bridge, Cni::Flannel, Cni::Calico, Cni::Cilium, Cni::None] {
            for implementation in [None, Some(Implementation::Metallb), Some(Implementation::Kprov)] {
                let mut spec = specs::containers();
                spec.kubernetes = KubernetesVersion { minor, patch: 0 };
                spec.network.cni = cni;
                spec.network.load_balancer = implementation.map(|implementation| LoadBalancer {
                    implementation,
                    ..POOL
                });
                let add_ons = render::add_ons(&spec).unwrap();
                let names: Vec<_> = add_ons.iter().map(|add_on| add_on.name).collect();
                let mut wanted = match cni {
                    Cni::Flannel => vec!["flannel"],
                    Cni::Calico => vec!["calico"],
                    Cni::Cilium => vec!["cilium"],
                    Cni::Bridge | Cni::None => Vec::new(),
                };
                wanted.extend((implementation == Some(Implementation::Metallb)).then_some("metallb"));
                assert_eq!(names, wanted, "1.{minor}");
                for add_on in add_ons {
                    match &add_on.manifest {
                        Manifest::Own(text) => assert!(documents(text).len() > 3),
                        Manifest::Released { url, sha256 } => {
                            assert!(
                                url.starts_with("https://") && url.contains(add_on.version),
                                "{url}"
                            );
                            let whole = sha256.len() == 64 && sha256.bytes().all(|b| b.is_ascii_hexdigit());
                            assert!(whole, "{url}: {sha256}");
                        }
                    }
                    documents(&add_on.after);
                    let (namespace, workload) = add_on.workload.split_once(' ').unwrap();
                    assert!(!namespace.is_empty() && workload.contains('/'));
                }
                let proxy = yaml::document(&spec, "cp1", Provider::Docker, "KubeProxyConfiguration");
                assert_eq!(proxy["mode"], "iptables");
                seen += 1;
            }
        }
    }
    eprintln!("{seen} combinations");
    assert_eq!(seen, kprov::versions::rows().len() * 5 * 3);
}

#[test]
fn flannel_has_the_pod_range_and_the_interface_of_the_node_s_address() {
    let mut spec = specs::containers();
    spec.network.cni = Cni::Flannel;
    let documents = own(render::pod_network(&spec).unwrap().unwrap());
    has_its_accounts(&documents);
    let of = |kind: &str| {
        documents
            .iter()
            .find(|document| document["kind"] == kind)
            .unwrap()
    };
    let network: Value =
        serde_json::from_str(of("ConfigMap")["data"]["net-conf.json"].as_str().unwrap()).unwrap();
    assert_eq!(network["Network"], "10.244.0.0/16");
    let cni: Value =
        serde_json::from_str(of("ConfigMap")["data"]["cni-conf.json"].as_str().unwrap()).unwrap();
    assert_eq!(cni["plugins"][0]["type"], "flannel");
    let container = &of("DaemonSet")["spec"]["template"]["spec"]["containers"][0];
    let arguments = container["args"].as_array().unwrap();
    assert!(arguments.iter().any(|a| a == "--iface=$(NODE_ADDRESS)"));
    assert_eq!(container["env"][0]["name"], "NODE_ADDRESS");
    assert_eq!(
        container["env"][0]["valueFrom"]["fieldRef"]["fieldPath"],
        "status.hostIP"
    );
    // The controller manager gives each node the part of the range that flannel reads.
    let cluster = yaml::document(&spec, "cp1", Provider::Docker, "ClusterConfiguration");
    assert_eq!(cluster["networking"]["podSubnet"], "10.244.0.0/16");
    assert_eq!(cluster["controllerManager"], Value::Null);
}

fn own(add_on: AddOn) -> Vec<Value> {
    match add_on.manifest {
        Manifest::Own(text) => documents(&text),
        Manifest::Released { url, .. } => panic!("{url} is not kprov's own"),
    }
}

/// The texts under a key, however deep.
fn texts<'a>(value: &'a Value, key: &str) -> Vec<&'a str> {
    match value {
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, value)| match value.as_str() {
                Some(text) if name == key => vec![text],
                _ => texts(value, key),
            })
            .collect(),
        Value::Array(values) => values.iter().flat_map(|value| texts(value, key)).collect(),
        _ => Vec::new(),
    }
}

/// Every account that a workload has is there, and may what its role says.
fn has_its_accounts(documents: &[Value]) {
    let names = |kind: &str| -> Vec<&Value> {
        let of_kind = documents.iter().filter(|document| document["kind"] == kind);
        of_kind.map(|document| &document["metadata"]["name"]).collect()
    };
    for document in documents {
        let account = &document["spec"]["template"]["spec"]["serviceAccountName"];
        assert!(
            account.is_null() || names("ServiceAccount").contains(&account),
            "{account}"
        );
        if let Some(subjects) = document["subjects"].as_array() {
            assert!(
                names("ServiceAccount").contains(&&subjects[0]["name"]),
                "{document}"
            );
            let role = document["roleRef"]["kind"].as_str().unwrap();
            assert!(names(role).contains(&&document["roleRef"]["name"]), "{document}");
        }
    }
}

#[test]
fn calico_of_an_old_kubernetes_is_kprov_s_own() {
    for minor in [20, 23] {
        let mut spec = specs::containers();
        spec.kubernetes = KubernetesVersion { minor, patch: 0 };
        spec.network.cni = Cni::Calico;
        let documents = own(render::pod_network(&spec).unwrap().unwrap());
        has_its_accounts(&documents);
        // What 1.20 serves.
        let served = [
            "v1",
            "apps/v1",
            "rbac.authorization.k8s.io/v1",
            "apiextensions.k8s.io/v1",
        ];
        let unknown = |document: &&Value| !served.contains(&document["apiVersion"].as_str().unwrap());
        assert_eq!(documents.iter().find(unknown), None);
        let all = Value::Array(documents.clone());
        let images = texts(&all, "image");
        assert_eq!(images.len(), 3);
        let from_quay = |image: &&str| image.starts_with("quay.io/calico/") && image.ends_with(":v3.22.5");
        assert!(images.iter().all(from_quay), "{images:?}");
        // Every kind that a role names is there, under the name that its group and plural make.
        let kinds: Vec<String> = documents
            .iter()
            .filter(|document| document["kind"] == "CustomResourceDefinition")
            .map(|document| {
                let plural = document["spec"]["names"]["plural"].as_str().unwrap().to_owned();
                assert_eq!(
                    document["metadata"]["name"],
                    format!("{plural}.crd.projectcalico.org")
                );
                plural
            })
            .collect();
        assert_eq!(kinds.len(), 17);
        let rules = documents
            .iter()
            .filter_map(|document| document["rules"].as_array());
        for rule in rules
            .flatten()
            .filter(|rule| rule["apiGroups"][0] == "crd.projectcalico.org")
        {
            for resource in rule["resources"].as_array().unwrap() {
                assert!(
                    kinds.contains(&resource.as_str().unwrap().to_owned()),
                    "{resource}"
                );
            }
        }
        let variable = |name: &str| {
            let daemon = documents
                .iter()
                .find(|document| document["kind"] == "DaemonSet")
                .unwrap();
            let variables = daemon["spec"]["template"]["spec"]["containers"][0]["env"]
                .as_array()
                .unwrap();
            variables
                .iter()
                .find(|variable| variable["name"] == name)
                .unwrap()["value"]
                .clone()
        };
        assert_eq!(variable("CALICO_IPV4POOL_CIDR"), "10.244.0.0/16");
        assert_eq!(variable("IP_AUTODETECTION_METHOD"), "kubernetes-internal-ip");
        let config = texts(&all, "cni-network-config")[0].replace("__CNI_MTU__", "0");
        let config: Value = serde_json::from_str(&config).unwrap();
        assert_eq!(config["plugins"][0]["type"], "calico");
    }
}

#[test]
fn metallb_up_to_0_12_is_kprov_s_own_and_its_speakers_know_each_other() {
    let mut spec = specs::containers();
    spec.kubernetes = KubernetesVersion { minor: 20, patch: 2 };
    spec.network.load_balancer = Some(POOL);
    let documents = own(render::metallb(&spec).unwrap().unwrap());
    has_its_accounts(&documents);
    let all = Value::Array(documents);
    assert_eq!(
        texts(&all, "image"),
        [
            "quay.io/metallb/controller:v0.12.1",
            "quay.io/metallb/speaker:v0.12.1"
        ]
    );
    // The secret that the controller makes is the one that the speakers wait for.
    let made = |name: &str| {
        let containers = all.as_array().unwrap().iter();
        let variables = containers.flat_map(|document| {
            let variables = document["spec"]["template"]["spec"]["containers"][0]["env"].as_array();
            variables.into_iter().flatten()
        });
        variables
            .clone()
            .find(|variable| variable["name"] == name)
            .unwrap()
            .clone()
    };
    assert_eq!(made("METALLB_ML_SECRET_NAME")["value"], "memberlist");
    let key = &made("METALLB_ML_SECRET_KEY")["valueFrom"]["secretKeyRef"];
    assert_eq!(
        (&key["name"], &key["key"]),
        (&"memberlist".into(), &"secretkey".into())
    );
}

#[test]
fn cilium_s_chart_has_the_pod_range_and_an_api_server_that_needs_no_network() {
    let mut spec = specs::containers();
    spec.network.cni = Cni::Cilium;
    let add_on = render::pod_network(&spec).unwrap().unwrap();
    let values: Value = serde_saphyr::from_str(&add_on.values).unwrap();
    assert_eq!(values["k8sServiceHost"], "192.168.56.10");
    assert_eq!(values["k8sServicePort"], 6443);
    let ranges = &values["ipam"]["operator"]["clusterPoolIPv4PodCIDRList"];
    assert_eq!(*ranges, serde_json::json!(["10.244.0.0/16"]));
    for key in ["/image/useDigest", "/operator/image/useDigest"] {
        assert_eq!(values.pointer(key), Some(&Value::Bool(false)), "{key}");
    }
    // The chart's images come with the chart's version, and their sums are known.
    for minor in kprov::versions::rows().iter().map(|row| row.minor) {
        spec.kubernetes = KubernetesVersion { minor, patch: 0 };
        let add_on = render::pod_network(&spec).unwrap().unwrap();
        assert_eq!(add_on.images.len(), 2);
        for name in &add_on.images {
            assert!(name.ends_with(&format!(":v{}", add_on.version)), "{name}");
            assert!(Image::new(name, "amd64").digest.is_some(), "{name}");
        }
    }
    let artifacts = kprov::artifact::manifests(&[add_on], "arm64");
    let names: Vec<_> = artifacts.iter().map(|artifact| artifact.name).collect();
    assert_eq!(names, ["cilium", "helm"]);
    assert!(artifacts[1].url.ends_with("-linux-arm64.tar.gz"));
}

#[test]
fn metallb_is_told_its_pool_as_its_version_reads_it() {
    for (minor, kinds) in [
        (20, &["ConfigMap"][..]),
        (24, &["ConfigMap"]),
        (25, &["IPAddressPool", "L2Advertisement"]),
        (37, &["IPAddressPool", "L2Advertisement"]),
    ] {
        let mut spec = specs::containers();
        spec.kubernetes = KubernetesVersion { minor, patch: 0 };
        spec.network.load_balancer = Some(POOL);
        let add_on = render::metallb(&spec).unwrap().unwrap();
        let after = documents(&add_on.after);
        let found: Vec<_> = after
            .iter()
            .map(|document| document["kind"].as_str().unwrap())
            .collect();
        assert_eq!(found, kinds, "1.{minor}");
        let range = "192.168.56.11-192.168.56.99";
        if kinds.len() == 1 {
            let config: Value = serde_saphyr::from_str(after[0]["data"]["config"].as_str().unwrap()).unwrap();
            assert_eq!(config["address-pools"][0]["addresses"][0], range);
            assert_eq!(config["address-pools"][0]["protocol"], "layer2");
        } else {
            assert_eq!(after[0]["spec"]["addresses"][0], range);
            assert_eq!(
                after[1]["spec"]["ipAddressPools"][0],
                after[0]["metadata"]["name"]
            );
        }
    }
}

/// kubeadm labels every control plane so that it takes no part in load balancing.
#[test]
fn metallb_answers_from_control_planes_where_there_is_nobody_else() {
    for (minor, workers, told) in [(20, 0, false), (25, 1, false), (25, 0, true), (37, 0, true)] {
        let mut spec = specs::containers();
        spec.kubernetes = KubernetesVersion { minor, patch: 0 };
        spec.network.load_balancer = Some(POOL);
        spec.nodes
            .retain(|node| workers > 0 || node.role == Role::ControlPlane);
        let patches = render::metallb(&spec).unwrap().unwrap().patches;
        assert_eq!(!patches.is_empty(), told, "1.{minor} with {workers}");
        for patch in patches {
            let (object, patch) = patch.split_once(' ').unwrap();
            assert_eq!(object, "daemonset/speaker");
            let patch: Value = serde_json::from_str(patch).unwrap();
            assert_eq!(patch[0]["value"], "--ignore-exclude-lb");
        }
    }
}

#[test]
fn calico_makes_rules_of_the_same_kind_as_kube_proxy() {
    for (mode, told) in [(ProxyMode::Iptables, false), (ProxyMode::Nftables, true)] {
        let mut spec = specs::containers();
        spec.kubernetes = KubernetesVersion { minor: 34, patch: 0 };
        spec.network.cni = Cni::Calico;
        spec.network.kube_proxy = mode;
        let settings = render::pod_network(&spec).unwrap().unwrap().settings;
        assert_eq!(settings.contains(&"FELIX_NFTABLESMODE=Enabled".to_owned()), told);
    }
}

#[test]
fn kube_proxy_has_the_mode_that_is_asked_for() {
    for minor in [20, 25, 33, 37] {
        for (mode, word) in [(ProxyMode::Nftables, "nftables"), (ProxyMode::Ipvs, "ipvs")] {
            let mut spec = specs::containers();
            spec.kubernetes = KubernetesVersion { minor, patch: 0 };
            spec.network.kube_proxy = mode;
            for provider in [Provider::Docker, Provider::Ssh] {
                let proxy = yaml::document(&spec, "cp1", provider, "KubeProxyConfiguration");
                assert_eq!(proxy["mode"], word);
                let strict = &proxy["ipvs"]["strictARP"];
                assert_eq!(*strict == true, mode == ProxyMode::Ipvs);
            }
        }
    }
}

/// The README says which they are.
#[test]
fn digests_of_pod_networks_and_metallb_are_known_as_far_as_the_readme_says() {
    let known = |name: String| Image::new(&name, "amd64").digest.is_some();
    for row in kprov::versions::rows() {
        let version = KubernetesVersion {
            minor: row.minor,
            patch: row.patch,
        };
        let releases = render::releases(version);
        let flannel = known(format!("ghcr.io/flannel-io/flannel:v{}", releases.flannel));
        let cilium = known(format!("quay.io/cilium/cilium:v{}", releases.cilium));
        let calico = known(format!("quay.io/calico/node:v{}", releases.calico));
        let metallb = known(format!("quay.io/metallb/controller:v{}", releases.metallb));
        assert_eq!(
            [flannel, cilium, calico, metallb],
            [true, true, row.minor >= 34, row.minor >= 25],
            "{version}"
        );
    }
}
