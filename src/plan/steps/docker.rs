//! Docker as the container runtime, and what the kubelet reaches it by.

use ipnet::Ipv4Net;

use super::{Build, LONG, known, step};
use crate::plan::script;
use crate::plan::{Action, Step};
use crate::render;
use crate::spec::{Network, Node, Runtime};
use crate::versions;

/// Networks for Docker's own bridge: the first is what Docker takes by itself.
const BRIDGES: [&str; 4] = [
    "172.17.0.1/16",
    "172.28.0.1/16",
    "192.168.240.1/20",
    "10.17.0.1/16",
];

impl Build<'_> {
    pub(in crate::plan) fn docker(&self, node: &Node) -> Step {
        let mut step = step(script::DOCKER.name, node, &script::DOCKER, Vec::new());
        self.supply(&mut step, self.supplies.docker.as_ref());
        let (from, below) = self.supplies.docker_range.clone();
        if let Action::Script(_, call) = &mut step.action {
            call.variables
                .extend([("FROM", known(from)), ("BELOW", known(below))]);
        }
        step.patience = LONG;
        step
    }

    pub(in crate::plan) fn docker_config(&self, node: &Node) -> Step {
        step(
            script::DOCKER_CONFIG.name,
            node,
            &script::DOCKER_CONFIG,
            vec![
                ("MIRRORS", known(self.mirrors(node))),
                ("BRIDGE", known(bridge(&self.spec.network))),
                ("SOCKET", known(render::runtime_socket(self.spec))),
            ],
        )
    }

    /// Only where the kubelet does not speak to Docker itself.
    pub(in crate::plan) fn cri_dockerd(&self, node: &Node) -> Option<Step> {
        versions::row(self.spec.kubernetes.minor).cri_dockerd.as_ref()?;
        Some(step(
            script::CRI_DOCKERD.name,
            node,
            &script::CRI_DOCKERD,
            vec![("SANDBOX_IMAGE", known(self.sandbox_image()))],
        ))
    }

    /// The units of the runtime, for whoever finds it stopped.
    pub(super) fn services(&self) -> &'static str {
        match self.spec.runtime {
            Runtime::Containerd => "containerd",
            Runtime::Docker if versions::row(self.spec.kubernetes.minor).cri_dockerd.is_none() => "docker",
            Runtime::Docker => "docker cri-docker",
        }
    }
}

/// Address and prefix of Docker's bridge where the usual one is in the cluster's way: Docker itself sees only the
/// networks that the node is in, not those of pods and Services.
fn bridge(network: &Network) -> &'static str {
    let taken = [network.nodes, network.pods, network.services];
    let meets = |bridge: &&&str| {
        bridge.parse::<Ipv4Net>().is_ok_and(|bridge| {
            taken
                .iter()
                .any(|range| range.contains(&bridge.network()) || bridge.contains(&range.network()))
        })
    };
    match BRIDGES.iter().find(|bridge| !meets(bridge)) {
        Some(bridge) if *bridge != BRIDGES[0] => bridge,
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Cni, ProxyMode};

    #[test]
    fn the_bridge_keeps_out_of_the_cluster_s_way() {
        let with = |pods: &str, services: &str| {
            bridge(&Network {
                nodes: "192.168.1.0/24".parse().unwrap(),
                pods: pods.parse().unwrap(),
                services: services.parse().unwrap(),
                cni: Cni::Bridge,
                load_balancer: None,
                kube_proxy: ProxyMode::Iptables,
                dns_domain: "cluster.local".to_owned(),
            })
        };
        // The course's pods are beside Docker's own range.
        assert_eq!(with("172.16.0.0/16", "10.96.0.0/12"), "");
        assert_eq!(with("172.17.4.0/22", "10.96.0.0/12"), "172.28.0.1/16");
        assert_eq!(with("172.16.0.0/12", "10.96.0.0/12"), "192.168.240.1/20");
        assert_eq!(with("172.16.0.0/12", "192.168.192.0/18"), "10.17.0.1/16");
    }
}
