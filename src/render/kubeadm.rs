//! kubeadm's configuration files: init for the first control plane, join for every other node.

use serde::Serialize;
use tera::Context;

use super::template;
use crate::error::{Error, Result};
use crate::spec::{Cni, KubernetesVersion, Node, Provider, ProxyMode, Role, Runtime, Spec};
use crate::t;
use crate::versions::{self, ApiVersion, Endpoint};

/// Where a joining node finds the API server, the CA and a token of minutes: a kubeconfig whose user has the
/// bootstrap token, so that the file that names it holds no secret.
pub const DISCOVERY_FILE: &str = "/etc/kubernetes/kprov-discovery.conf";

impl ApiVersion {
    /// The newest that this version of kubeadm reads.
    #[must_use]
    pub fn of(version: KubernetesVersion) -> Self {
        versions::row(version.minor).kubeadm
    }

    fn template(self) -> (&'static str, &'static str) {
        match self {
            Self::V1beta2 => (
                "kubeadm/v1beta2.yaml.tera",
                include_str!("../../templates/kubeadm/v1beta2.yaml.tera"),
            ),
            Self::V1beta3 => (
                "kubeadm/v1beta3.yaml.tera",
                include_str!("../../templates/kubeadm/v1beta3.yaml.tera"),
            ),
            Self::V1beta4 => (
                "kubeadm/v1beta4.yaml.tera",
                include_str!("../../templates/kubeadm/v1beta4.yaml.tera"),
            ),
        }
    }
}

#[derive(Serialize)]
struct Values<'a> {
    node: &'a str,
    address: String,
    cri_socket: String,
    runs_pods: bool,
    init: Option<Init>,
    join: Option<Join>,
}

#[derive(Serialize)]
struct Init {
    cluster: String,
    version: String,
    endpoint: String,
    image_repository: String,
    dns_repository: Option<String>,
    tags: Option<Tags>,
    pods: String,
    services: String,
    dns_domain: String,
    names: Vec<String>,
    fixed_pod_ranges: bool,
    shared_kernel: bool,
    emulated: bool,
    proxy_mode: ProxyMode,
}

/// The tags of images that this kubeadm might choose otherwise. One that chooses them itself is not told, so that a later
/// `kubeadm upgrade` is free to choose newer ones.
#[derive(Serialize)]
struct Tags {
    dns: &'static str,
    etcd: &'static str,
}

#[derive(Serialize)]
struct Join {
    discovery: &'static str,
    control_plane: bool,
}

/// What `kubeadm init --config` reads on the first control plane, and `kubeadm join --config` on the others.
///
/// `provider` is the resolved one; containers share a kernel that kube-proxy must leave alone.
///
/// # Errors
/// When the template does not fit, which is a mistake in kprov.
pub fn kubeadm(spec: &Spec, node: &Node, provider: Provider) -> Result<String> {
    let first = spec.first_control_plane().name == node.name;
    let control_plane = node.role == Role::ControlPlane;
    let values = Values {
        node: node.name.as_str(),
        address: node.address.to_string(),
        cri_socket: cri_socket(spec),
        runs_pods: control_plane && spec.workers().next().is_none(),
        init: first.then(|| init(spec, provider)),
        join: (!first).then_some(Join {
            discovery: DISCOVERY_FILE,
            control_plane,
        }),
    };
    let (name, template) = ApiVersion::of(spec.kubernetes).template();
    let context = Context::from_serialize(&values)
        .map_err(|error| Error::step(t!("render.template", template = name)).cause(&error))?;
    template::text(name, template, &context)
}

/// The path of the socket at which the runtime is asked.
///
/// The two of Docker are exactly those that kubeadm knows: dockershim's makes it write the kubelet's flags for Docker.
#[must_use]
pub fn runtime_socket(spec: &Spec) -> &'static str {
    match spec.runtime {
        Runtime::Containerd => "/run/containerd/containerd.sock",
        Runtime::Docker if versions::row(spec.kubernetes.minor).cri_dockerd.is_none() => {
            "/var/run/dockershim.sock"
        }
        Runtime::Docker => "/var/run/cri-dockerd.sock",
    }
}

/// That socket as this Kubernetes wants it.
#[must_use]
pub fn cri_socket(spec: &Spec) -> String {
    let path = runtime_socket(spec);
    match versions::row(spec.kubernetes.minor).endpoint {
        Endpoint::Path => path.to_owned(),
        Endpoint::Url => format!("unix://{path}"),
    }
}

fn init(spec: &Spec, provider: Provider) -> Init {
    let (host, port) = spec.api_endpoint();
    let repository = &spec.artifacts.image_repository;
    let row = versions::row(spec.kubernetes.minor);
    Init {
        cluster: spec.name.to_string(),
        version: format!("v{}", spec.kubernetes),
        endpoint: format!("{host}:{port}"),
        image_repository: repository.clone(),
        // Which repository is built in changed within the patches of 1.22 to 1.24, so it is always said.
        dns_repository: row
            .coredns_path
            .strip_suffix("/coredns")
            .map(|folder| format!("{repository}/{folder}")),
        tags: (!row.asks_itself(spec.kubernetes.patch)).then_some(Tags {
            dns: &row.coredns,
            etcd: &row.etcd,
        }),
        pods: spec.network.pods.to_string(),
        services: spec.network.services.to_string(),
        dns_domain: spec.network.dns_domain.clone(),
        names: certificate_names(spec),
        fixed_pod_ranges: spec.network.cni == Cni::Bridge,
        shared_kernel: provider == Provider::Docker,
        emulated: spec.emulated(),
        proxy_mode: spec.network.kube_proxy,
    }
}

/// Every name and address by which somebody may call the API server, a tunnel's end included.
fn certificate_names(spec: &Spec) -> Vec<String> {
    let mut names = vec![spec.api_host()];
    for node in spec.control_planes() {
        names.push(node.name.to_string());
        names.push(node.address.to_string());
    }
    names.extend(["localhost".to_owned(), "127.0.0.1".to_owned()]);
    names
}
