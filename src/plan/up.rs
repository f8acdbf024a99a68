//! The plot of `kprov up`: the lanes from no machine to Ready nodes, in order, and nothing else.

use super::steps::{self, Build};
use super::{Lane, Plan, script};
use crate::error::Result;
use crate::spec::{Cni, Provider, Role, Runtime, Spec};

pub use super::supplies::{Supplies, Supply};

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
        steps.extend(build.local_registry(node));
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
            steps.push(build.taint(node));
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
        facts: steps::facts(spec),
        ..Plan::changing("up", &spec.name, lanes)
    })
}
