//! Pod networks, load balancers and modes of kube-proxy, on every minor version of Kubernetes.

use kprov::artifact::Image;
use kprov::render::{self, Manifest};
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
                        Manifest::Released { url, .. } => {
                            assert!(
                                url.starts_with("https://") && url.contains(add_on.version),
                                "{url}"
                            );
                        }
                    }
                    for text in [&add_on.before, &add_on.after] {
                        documents(text);
                    }
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
    let Manifest::Own(text) = render::pod_network(&spec).unwrap().unwrap().manifest else {
        panic!("flannel's manifest is kprov's own");
    };
    let documents = documents(&text);
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
