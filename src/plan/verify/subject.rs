//! What is verified: a cluster that kprov made, or any other that a kubeconfig leads to.

use crate::names::{ClusterName, NodeName};
use crate::plan::steps;
use crate::render;
use crate::spec::{Implementation, Provider, Role, Runtime, Spec};

/// A cluster as its checks need to know it.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Its name.
    pub cluster: ClusterName,
    /// Its nodes, control planes first.
    pub nodes: Vec<Member>,
    /// Where kubectl runs: the first control plane, or a name for this computer.
    pub kubectl: NodeName,
    /// Whether the nodes' processors are emulated, so that everything takes many times as long.
    pub emulated: bool,
    /// Whether nodes are reached over SSH.
    pub ssh: bool,
    /// How a worker is stopped for a while; `None` where nodes are not reached.
    pub comeback: Option<Comeback>,
    /// The image of the samples: an nginx that serves its welcome page on port 80.
    pub image: String,
    /// The cluster's DNS domain.
    pub dns_domain: String,
    /// The version that every node should have; `None` when nobody said one.
    pub version: Option<String>,
    /// The first and last address that Services of type `LoadBalancer` get; `None` where nothing gives them any.
    pub pool: Option<(String, String)>,
    /// The name of the pod network in cluster.toml; `None` for a cluster that kprov did not make.
    pub pod_network: Option<String>,
    /// The container runtime and its socket; `None` for a cluster that kprov did not make.
    pub runtime: Option<(Runtime, String)>,
}

/// How a worker is stopped, and what it needs to be one of the cluster's nodes again and to be known as one.
#[derive(Debug, Clone)]
pub struct Comeback {
    /// Whether its machine is switched off. Hosts that existed before kprov stay on: there only the kubelet stops.
    pub machine: bool,
    /// What its file of host names says of the cluster. Docker writes a container's anew when it starts.
    pub hosts: String,
    /// Where it reaches the API server.
    pub api: String,
}

/// A node of it.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its name in Kubernetes.
    pub name: String,
    /// Its address.
    pub address: String,
    /// Whether it is a control plane.
    pub control_plane: bool,
}

fn comeback(spec: &Spec) -> Comeback {
    let stoppable = spec
        .workers()
        .next()
        .unwrap_or_else(|| spec.first_control_plane());
    Comeback {
        machine: spec.provider != Provider::Ssh,
        hosts: steps::host_lines(spec, stoppable),
        api: steps::api(spec),
    }
}

impl Subject {
    /// A cluster that kprov made.
    #[must_use]
    pub fn of(spec: &Spec) -> Self {
        let members = spec.nodes.iter().map(|node| Member {
            name: node.name.to_string(),
            address: node.address.to_string(),
            control_plane: node.role == Role::ControlPlane,
        });
        let pool = spec.network.load_balancer;
        let pool = pool.filter(|pool| pool.implementation != Implementation::None);
        Self {
            cluster: spec.name.clone(),
            nodes: members.collect(),
            kubectl: spec.first_control_plane().name.clone(),
            emulated: spec.emulated(),
            ssh: true,
            comeback: Some(comeback(spec)),
            image: spec.verify.image.clone(),
            dns_domain: spec.network.dns_domain.clone(),
            version: Some(spec.kubernetes.to_string()),
            pool: pool.map(|pool| (pool.first.to_string(), pool.last.to_string())),
            pod_network: Some(format!("{:?}", spec.network.cni).to_lowercase()),
            runtime: Some((spec.runtime, render::runtime_socket(spec).to_owned())),
        }
    }

    /// The control planes.
    pub fn control_planes(&self) -> impl Iterator<Item = &Member> {
        self.nodes.iter().filter(|node| node.control_plane)
    }

    /// The names of the nodes that take pods: workers, or everybody where there is no worker.
    #[must_use]
    pub fn takers(&self) -> Vec<&str> {
        let workers: Vec<&str> = self
            .nodes
            .iter()
            .filter(|node| !node.control_plane)
            .map(|node| node.name.as_str())
            .collect();
        if workers.is_empty() {
            self.nodes.iter().map(|node| node.name.as_str()).collect()
        } else {
            workers
        }
    }

    /// Lines "name address".
    #[must_use]
    pub fn lines(&self) -> String {
        let lines: Vec<String> = self
            .nodes
            .iter()
            .map(|node| format!("{} {}", node.name, node.address))
            .collect();
        lines.join("\n")
    }
}
