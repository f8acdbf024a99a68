//! The system of a node: its address, names, network, and the services that Kubernetes runs on.

use std::fmt::Write as _;
use std::time::Duration;

use super::{Build, known, step};
use crate::names::{FactName, NodeName};
use crate::plan::Step;
use crate::plan::script;
use crate::platform;
use crate::render;
use crate::spec::{LEAST_CONTROL_PLANE, Node, Provider, Spec, least_kernel};
use crate::versions::{self, CgroupV1};

/// The fact that is what a machine is: lines `key=value`, which the first step on it publishes.
#[must_use]
pub fn guest_fact(node: &NodeName) -> FactName {
    FactName::from(format!("{}-{node}", script::GUEST.name))
}

/// What the file of host names on `node` says of the cluster: lines "address name".
pub(in crate::plan) fn host_lines(spec: &Spec, node: &Node) -> String {
    let mut hosts = String::new();
    for other in &spec.nodes {
        let _ = writeln!(hosts, "{} {}", other.address, other.name);
    }
    if spec.control_planes().nth(1).is_some() {
        // The same name once for each control plane: clients try one after the other. A control plane asks
        // itself first.
        let own = spec.control_planes().filter(|other| other.name == node.name);
        let others = spec.control_planes().filter(|other| other.name != node.name);
        for control_plane in own.chain(others) {
            let _ = writeln!(hosts, "{} {}", control_plane.address, spec.api_host());
        }
    }
    hosts.trim_end().to_owned()
}

impl Build<'_> {
    pub(in crate::plan) fn address(&self, node: &Node) -> Step {
        let mac = match self.provider {
            Provider::Virtualbox | Provider::Libvirt => render::mac(self.spec, node, self.provider),
            // Docker and hosts that exist choose their own.
            _ => String::new(),
        };
        step(
            script::ADDRESS.name,
            node,
            &script::ADDRESS,
            vec![
                ("ADDRESS", known(node.address.to_string())),
                ("PREFIX", known(self.spec.network.nodes.prefix_len().to_string())),
                ("MAC", known(mac)),
            ],
        )
    }

    pub(in crate::plan) fn hosts(&self, node: &Node) -> Step {
        step(
            script::HOSTS.name,
            node,
            &script::HOSTS,
            vec![
                ("NAME", known(node.name.as_str())),
                ("HOSTS", known(host_lines(self.spec, node))),
            ],
        )
    }

    /// What the machine is. Nothing makes it another one, so it is not waited for.
    pub(in crate::plan) fn guest(&self, node: &Node) -> Step {
        let row = versions::row(self.spec.kubernetes.minor);
        let cgroups = if row.cgroup_v1 == CgroupV1::Refused {
            "2"
        } else {
            ""
        };
        // kubeadm looks at the size where it begins the cluster only.
        let begins = node.name == self.spec.first_control_plane().name;
        let (cpus, memory) = if begins { LEAST_CONTROL_PLANE } else { (0, 0) };
        let variables = vec![
            ("NAME", known(node.name.as_str())),
            ("CGROUPS", known(cgroups)),
            (
                "KERNEL",
                known(least_kernel(self.spec.kubernetes, &self.spec.network)),
            ),
            ("ARCH", known(platform::arch())),
            ("CPUS", known(cpus.to_string())),
            ("MEMORY", known(memory.to_string())),
        ];
        let mut step = step(script::GUEST.name, node, &script::GUEST, variables);
        step.patience = Duration::ZERO;
        step
    }

    pub(in crate::plan) fn containerd_config(&self, node: &Node) -> Step {
        step(
            script::CONTAINERD_CONFIG.name,
            node,
            &script::CONTAINERD_CONFIG,
            vec![
                ("SANDBOX_IMAGE", known(self.sandbox_image())),
                ("MIRRORS", known(self.mirrors(node))),
            ],
        )
    }

    /// The image of the process that holds a pod's namespaces: the one that was supplied, or the one that this
    /// version of kubeadm asks for.
    pub(super) fn sandbox_image(&self) -> String {
        let supplied = self.supplies.images.iter().flat_map(|supply| &supply.images);
        supplied
            .into_iter()
            .find(|image| {
                image
                    .rsplit('/')
                    .next()
                    .is_some_and(|name| name.starts_with("pause:"))
            })
            .cloned()
            .unwrap_or_else(|| {
                format!(
                    "{}/pause:{}",
                    self.spec.artifacts.image_repository, self.supplies.pause
                )
            })
    }

    pub(in crate::plan) fn kubelet(&self, node: &Node) -> Step {
        // Hosts that exist already may be in a cloud.
        let metadata = if self.provider == Provider::Ssh {
            ""
        } else {
            "unreachable"
        };
        step(
            script::KUBELET.name,
            node,
            &script::KUBELET,
            vec![("METADATA", known(metadata))],
        )
    }

    pub(in crate::plan) fn pod_network(&self, node: &Node) -> Step {
        let peers = self.spec.nodes.iter().filter(|peer| peer.name != node.name);
        let peers: Vec<String> = peers
            .map(|peer| format!("{} {}", peer.pods, peer.address))
            .collect();
        step(
            script::POD_NETWORK.name,
            node,
            &script::POD_NETWORK,
            vec![
                ("PODS", known(node.pods.to_string())),
                ("CLUSTER_PODS", known(self.spec.network.pods.to_string())),
                ("PEERS", known(peers.join("\n"))),
            ],
        )
    }
}
