//! The plot of `kprov up`: the lanes from no machine to Ready nodes, in order, and nothing else.

use super::script::{self, Script};
use super::steps::{self, Build};
use super::{Lane, Plan};
use crate::error::Result;
use crate::spec::{Cni, Provider, Role, Runtime, Spec};

/// The programs and images that the nodes get from this computer; nothing of them is downloaded by a node.
#[derive(Debug, Clone, Default)]
pub struct Supplies {
    /// Programs for `/usr/bin`.
    pub programs: Vec<Supply>,
    /// CNI plugins; without them the distribution's are used.
    pub cni_plugins: Option<Supply>,
    /// containerd; without it the distribution's is used.
    pub containerd: Option<Supply>,
    /// The first containerd that fits and the first that does not any more: one in between that a node has already
    /// stays. Without a range the supplied one takes its place.
    pub containerd_range: Option<(String, String)>,
    /// Docker, for the runtime of that name; without it the distribution's is used.
    pub docker: Option<Supply>,
    /// The first Docker that fits and the first that does not any more.
    pub docker_range: (String, String),
    /// Archives of container images.
    pub images: Vec<Supply>,
    /// Manifests of pod networks and load balancers, as far as they are not kprov's own.
    pub manifests: Vec<Supply>,
    /// The tag of the pause image that this Kubernetes asks for, where no supplied image is one.
    pub pause: String,
    /// Whether the box of the machines comes from this computer too.
    pub machine_box: bool,
    /// Whether the files have to be downloaded to this computer first.
    pub downloads: bool,
}

/// One artifact, as a step needs to know it.
#[derive(Debug, Clone)]
pub struct Supply {
    /// The program's name, or a word for people.
    pub name: String,
    /// Where it is found again when it is sent.
    pub path: String,
    /// SHA-256 of its content, uncompressed.
    pub sha256: String,
    /// `none`, `gzip` or `tar`.
    pub encoding: &'static str,
    /// The images in it, by their whole names.
    pub images: Vec<String>,
    /// Whether nodes of this role need it.
    pub control_planes: bool,
    /// Whether nodes of this role need it.
    pub workers: bool,
}

/// Makes the plan of `kprov up`. `provider` is the resolved one.
///
/// # Errors
/// When a kubeadm file cannot be rendered.
pub fn plan(spec: &Spec, provider: Provider, supplies: &Supplies) -> Result<Plan> {
    let build = Build {
        spec,
        provider,
        supplies,
    };
    let mut lanes = vec![build.workstation()];
    lanes.extend(build.downloads());
    for node in &spec.nodes {
        let mut steps = vec![
            build.boot(node),
            build.connect(node),
            // Before anything is changed on it.
            build.guest(node),
            build.address(node),
            build.hosts(node),
            steps::plain(node, &script::PACKAGES),
            steps::plain(node, &script::FIREWALL),
            steps::plain(node, &script::SWAP),
            steps::plain(node, &script::KERNEL),
        ];
        match spec.runtime {
            Runtime::Containerd => {
                // containerd does not start containers without it.
                steps.extend(build.programs(node, |name| name == "runc"));
                steps.extend([
                    build.containerd(node),
                    build.cni_plugins(node),
                    build.containerd_config(node),
                ]);
            }
            Runtime::Docker => {
                steps.extend([
                    build.docker(node),
                    build.cni_plugins(node),
                    build.docker_config(node),
                ]);
                steps.extend(build.programs(node, |name| name == "cri-dockerd"));
                steps.extend(build.cri_dockerd(node));
            }
        }
        steps.push(build.kubelet(node));
        let first = node.name == spec.first_control_plane().name;
        steps.extend(build.programs(node, |name| {
            !["runc", "cri-dockerd"].contains(&name) && (name != "helm" || first)
        }));
        if spec.network.cni == Cni::Bridge {
            steps.push(build.pod_network(node));
        }
        steps.extend(build.images(node));
        match (node.role, first) {
            (Role::ControlPlane, true) => {
                steps.push(build.init(node)?);
                steps.extend(build.cluster_network(node)?);
            }
            _ => steps.push(build.join(node)?),
        }
        steps.push(build.node_ready(node));
        if node.role == Role::ControlPlane {
            steps.push(steps::plain(node, &script::KUBECTL_CONFIG));
        }
        steps.extend(build.load_balancer(node));
        if first {
            steps.push(build.tokens_removed(node));
            steps.extend(build.api_server_watches(node));
            steps.extend(build.metallb(node)?);
        }
        lanes.push(Lane {
            name: (&node.name).into(),
            independent: false,
            steps,
        });
    }
    Ok(Plan {
        command: "up",
        cluster: spec.name.clone(),
        exclusive: true,
        proves: false,
        at_once: None,
        lanes,
        finally: Vec::new(),
        facts: steps::facts(spec),
    })
}

/// The scripts that the plan may use, for tests.
#[must_use]
pub fn scripts() -> &'static [&'static Script] {
    script::ALL
}
