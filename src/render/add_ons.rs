//! Pod networks and `MetalLB`: which version goes with which Kubernetes, and how it is fitted to a cluster.

use std::sync::LazyLock;

use serde::Deserialize;
use tera::Context;

use super::template;
use crate::error::Result;
use crate::spec::{Cni, Implementation, KubernetesVersion, LoadBalancer, ProxyMode, Spec};

/// The table, as it is embedded.
const SOURCE: &str = include_str!("../../templates/add-ons.toml");

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    flannel: Vec<Row>,
    calico: Vec<Row>,
    cilium: Vec<Row>,
    helm: Helm,
    metallb: Vec<Row>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    from: u32,
    to: Option<u32>,
    version: String,
    plugin: Option<String>,
    sha256: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Helm {
    version: String,
}

impl Row {
    fn is_for(&self, minor: u32) -> bool {
        self.from <= minor && self.to.is_none_or(|to| minor <= to)
    }
}

static TABLE: LazyLock<Table> =
    LazyLock::new(|| toml::from_str(SOURCE).expect("templates/add-ons.toml is read by a test"));

/// The row of a version.
fn row(rows: &'static [Row], version: KubernetesVersion) -> &'static Row {
    let own = rows.iter().find(|row| row.is_for(version.minor));
    own.or(rows.last()).expect("the table has rows of each kind")
}

/// The versions that go with a version of Kubernetes, without a `v`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Releases {
    /// flannel.
    pub flannel: &'static str,
    /// Calico.
    pub calico: &'static str,
    /// Cilium.
    pub cilium: &'static str,
    /// `MetalLB`.
    pub metallb: &'static str,
}

/// What goes with this version of Kubernetes.
#[must_use]
pub fn releases(version: KubernetesVersion) -> Releases {
    Releases {
        flannel: &row(&TABLE.flannel, version).version,
        calico: &row(&TABLE.calico, version).version,
        cilium: &row(&TABLE.cilium, version).version,
        metallb: &row(&TABLE.metallb, version).version,
    }
}

/// Something that is put into the cluster by a manifest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AddOn {
    /// Its name.
    pub name: &'static str,
    /// Its version, without a `v`.
    pub version: &'static str,
    /// What carries its mark, and what is waited for: `NAMESPACE KIND/NAME`.
    pub workload: &'static str,
    /// The manifest, or where its project publishes it.
    pub manifest: Manifest,
    /// The container of the workload that gets the settings.
    pub container: &'static str,
    /// Its environment: lines `NAME=value`.
    pub settings: Vec<String>,
    /// JSON patches of its workloads: lines `KIND/NAME PATCH`.
    pub patches: Vec<String>,
    /// Where its images come from instead of from `docker.io`.
    pub registry: &'static str,
    /// YAML with the values of a chart; then the manifest is one, for helm.
    pub values: String,
    /// The images of a chart, which says by its templates alone what it needs; those of a manifest stand in it.
    pub images: Vec<String>,
    /// YAML that is applied as soon as the workload runs.
    pub after: String,
}

/// Where a manifest comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Manifest {
    /// kprov's own.
    Own(String),
    /// The project's release.
    Released {
        /// Its address.
        url: String,
        /// Its sum.
        sha256: &'static str,
    },
}

impl Default for Manifest {
    fn default() -> Self {
        Self::Own(String::new())
    }
}

/// The version of helm, for those that are charts.
#[must_use]
pub fn helm_version() -> &'static str {
    &TABLE.helm.version
}

/// Everything that the Spec wants in the cluster.
///
/// # Errors
/// When a template does not fit, which is a mistake in kprov.
pub fn add_ons(spec: &Spec) -> Result<Vec<AddOn>> {
    let network = pod_network(spec)?;
    Ok(network.into_iter().chain(metallb(spec)?).collect())
}

/// The pod network, where it is one by manifest.
///
/// # Errors
/// When a template does not fit, which is a mistake in kprov.
pub fn pod_network(spec: &Spec) -> Result<Option<AddOn>> {
    Ok(match spec.network.cni {
        Cni::Flannel => Some(flannel(spec)?),
        Cni::Calico => Some(calico(spec)?),
        Cni::Cilium => Some(cilium(spec)?),
        Cni::Bridge | Cni::None => None,
    })
}

fn flannel(spec: &Spec) -> Result<AddOn> {
    let row = row(&TABLE.flannel, spec.kubernetes);
    let net_conf = serde_json::json!({
        "Network": spec.network.pods.to_string(),
        "Backend": { "Type": "vxlan" },
    });
    let plugin = row.plugin.as_deref().unwrap_or_default();
    let mut context = Context::new();
    context.insert("net_conf", &net_conf.to_string());
    context.insert("image", &format!("ghcr.io/flannel-io/flannel:v{}", row.version));
    context.insert(
        "plugin_image",
        &format!("ghcr.io/flannel-io/flannel-cni-plugin:v{plugin}"),
    );
    let text = include_str!("../../templates/manifests/flannel.yaml");
    Ok(AddOn {
        name: "flannel",
        version: &row.version,
        workload: "kube-flannel daemonset/kube-flannel-ds",
        manifest: Manifest::Own(template::text("manifests/flannel.yaml", text, &context)?),
        ..AddOn::default()
    })
}

/// The images of Calico come from quay.io: Docker Hub counts the pulls of a whole classroom as those of one.
fn calico(spec: &Spec) -> Result<AddOn> {
    let row = row(&TABLE.calico, spec.kubernetes);
    let version = &row.version;
    let add_on = AddOn {
        name: "calico",
        version,
        workload: "kube-system daemonset/calico-node",
        ..AddOn::default()
    };
    let Some(sha256) = row.sha256.as_deref() else {
        let mut context = Context::new();
        context.insert("pods", &spec.network.pods.to_string());
        for (key, image) in [
            ("node_image", "node"),
            ("cni_image", "cni"),
            ("controllers_image", "kube-controllers"),
        ] {
            context.insert(key, &format!("quay.io/calico/{image}:v{version}"));
        }
        let text = include_str!("../../templates/manifests/calico.yaml");
        return Ok(AddOn {
            manifest: Manifest::Own(template::text("manifests/calico.yaml", text, &context)?),
            ..add_on
        });
    };
    let base = "https://raw.githubusercontent.com/projectcalico/calico";
    let mut settings = vec![
        format!("CALICO_IPV4POOL_CIDR={}", spec.network.pods),
        // The address that the kubelet registered with: never that of VirtualBox's NAT.
        "IP_AUTODETECTION_METHOD=kubernetes-internal-ip".to_owned(),
    ];
    if spec.network.kube_proxy == ProxyMode::Nftables {
        // Its rules and kube-proxy's have to be of one kind.
        settings.push("FELIX_NFTABLESMODE=Enabled".to_owned());
    }
    Ok(AddOn {
        manifest: Manifest::Released {
            url: format!("{base}/v{version}/manifests/calico.yaml"),
            sha256,
        },
        container: "calico-node",
        settings,
        registry: "quay.io",
        ..add_on
    })
}

/// The interface is found by the address that the kubelet registered with, as tunnels begin there.
fn cilium(spec: &Spec) -> Result<AddOn> {
    let row = row(&TABLE.cilium, spec.kubernetes);
    let version = &row.version;
    let (host, port) = spec.api_endpoint();
    let mut context = Context::new();
    context.insert("host", &host);
    context.insert("port", &port);
    context.insert("pods", &spec.network.pods.to_string());
    let values = include_str!("../../templates/manifests/cilium-values.yaml");
    Ok(AddOn {
        name: "cilium",
        version,
        workload: "kube-system daemonset/cilium",
        manifest: Manifest::Released {
            url: format!("https://helm.cilium.io/cilium-{version}.tgz"),
            sha256: row.sha256.as_deref().unwrap_or_default(),
        },
        values: template::text("manifests/cilium-values.yaml", values, &context)?,
        images: ["cilium", "operator-generic"]
            .map(|name| format!("quay.io/cilium/{name}:v{version}"))
            .into(),
        ..AddOn::default()
    })
}

/// `MetalLB`, where the Spec wants it.
///
/// # Errors
/// When a template does not fit, which is a mistake in kprov.
pub fn metallb(spec: &Spec) -> Result<Option<AddOn>> {
    let wanted = |pool: &LoadBalancer| pool.implementation == Implementation::Metallb;
    let Some(pool) = spec.network.load_balancer.filter(wanted) else {
        return Ok(None);
    };
    let row = row(&TABLE.metallb, spec.kubernetes);
    let version = &row.version;
    let addresses = format!("{}-{}", pool.first, pool.last);
    let mut context = Context::new();
    context.insert("addresses", &addresses);
    let config =
        format!("address-pools:\n- name: kprov\n  protocol: layer2\n  addresses:\n  - {addresses}\n");
    context.insert("config", &config);
    let add_on = AddOn {
        name: "metallb",
        version,
        workload: "metallb-system deployment/controller",
        ..AddOn::default()
    };
    let Some(sha256) = row.sha256.as_deref() else {
        for (key, image) in [("controller_image", "controller"), ("speaker_image", "speaker")] {
            context.insert(key, &format!("quay.io/metallb/{image}:v{version}"));
        }
        let text = include_str!("../../templates/manifests/metallb.yaml");
        let config = include_str!("../../templates/manifests/metallb-config-map.yaml");
        return Ok(Some(AddOn {
            manifest: Manifest::Own(template::text("manifests/metallb.yaml", text, &context)?),
            after: template::text("manifests/metallb-config-map.yaml", config, &context)?,
            ..add_on
        }));
    };
    // kubeadm keeps load balancers off control planes by a label, which MetalLB heeds from 0.13.4 on. Where there is no
    // worker, nobody else could answer.
    let alone = spec.workers().next().is_none();
    let answer = "daemonset/speaker \
                  [{\"op\":\"add\",\"path\":\"/spec/template/spec/containers/0/args/-\",\"value\":\"--ignore-exclude-lb\"}]";
    let base = "https://raw.githubusercontent.com/metallb/metallb";
    let pool = include_str!("../../templates/manifests/metallb-pool.yaml");
    Ok(Some(AddOn {
        manifest: Manifest::Released {
            url: format!("{base}/v{version}/config/manifests/metallb-native.yaml"),
            sha256,
        },
        patches: alone.then(|| answer.to_owned()).into_iter().collect(),
        after: template::text("manifests/metallb-pool.yaml", pool, &context)?,
        ..add_on
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_minor_has_one_row_of_each_kind() {
        let (first, last) = KubernetesVersion::supported();
        for (name, rows) in [
            ("flannel", &TABLE.flannel),
            ("calico", &TABLE.calico),
            ("cilium", &TABLE.cilium),
            ("metallb", &TABLE.metallb),
        ] {
            for minor in first.minor..=last.minor {
                let fitting = rows.iter().filter(|row| row.is_for(minor));
                assert_eq!(fitting.count(), 1, "{name} for 1.{minor}");
            }
            for row in rows {
                let known = row
                    .sha256
                    .as_ref()
                    .is_none_or(|sum| sum.len() == 64 && sum.bytes().all(|b| b.is_ascii_hexdigit()));
                assert!(known, "{name} {}", row.version);
                assert_eq!(row.plugin.is_some(), name == "flannel", "{name} {}", row.version);
                assert!(
                    row.sha256.is_some() || name != "cilium",
                    "a chart is no manifest of kprov's"
                );
            }
        }
        let newer = KubernetesVersion {
            minor: last.minor + 1,
            patch: 0,
        };
        assert_eq!(row(&TABLE.metallb, newer).to, None);
    }
}
