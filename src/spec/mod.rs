//! What the user wrote, checked: `cluster.toml` becomes a [`Spec`], or a list of [`Diagnostic`]s that
//! point at its lines.
//!
//! A `Spec` holds no open question: every node is listed with its address and sizes, every default is
//! filled in. It never changes during a run and says nothing about what was found on machines.

use std::net::Ipv4Addr;
use std::path::PathBuf;

use ipnet::Ipv4Net;
use serde::Serialize;

use crate::names::{ClusterName, NodeName};

mod addresses;
mod boxes;
mod cluster;
mod computer;
mod diagnostic;
mod document;
mod entries;
mod guests;
mod host_only;
mod hosts;
mod init;
mod labels;
mod labs;
mod machines;
mod members;
mod network;
mod nodes;
mod overlaps;
mod pods;
mod pool;
mod provider;
mod proxy;
mod ranges;
mod read;
mod references;
mod replan;
mod runtime;
mod schema;
mod settings;
mod shape;
mod size;
mod syntax;
mod unknown;
mod values;
mod version;
mod words;

pub use computer::{Computer, Interface, host_only_line, host_only_ranges_of};
pub use diagnostic::{Diagnostic, Diagnostics};
pub use guests::{Guest, guests, is_for_others, least_kernel};
pub use init::{init, profile};
pub use labs::{LabCheck, Labs, Task, parse_labs, read_labs};
pub use machines::LEAST_CONTROL_PLANE;
pub use read::{ReadError, parse, read};
pub use replan::{free_like, replan};
pub use version::{KubernetesVersion, VersionError};
pub(crate) use words::nearest;

/// A whole cluster as it is meant to be.
#[derive(Debug, Clone)]
pub struct Spec {
    /// The config file that this was read from.
    pub file: PathBuf,
    /// The cluster's name; machines, contexts and state carry it.
    pub name: ClusterName,
    /// The exact version of Kubernetes.
    pub kubernetes: KubernetesVersion,
    /// What makes the machines.
    pub provider: Provider,
    /// What runs the containers on the nodes.
    pub runtime: Runtime,
    /// How many machines may boot at once; `None` leaves it to the provider.
    pub boot_parallelism: Option<u32>,
    /// Address ranges and the pod network.
    pub network: Network,
    /// Control planes first, in the order of the file; at least one.
    pub nodes: Vec<Node>,
    /// Settings of the `virtualbox` provider.
    pub virtualbox: VirtualBox,
    /// Settings of the `libvirt` provider.
    pub libvirt: Libvirt,
    /// Settings of the `docker` provider.
    pub docker: Docker,
    /// Where programs and images come from.
    pub artifacts: Artifacts,
    /// What `verify` deploys.
    pub verify: Verify,
}

/// What makes the machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// The first of virtualbox, libvirt and docker that works on this computer.
    Auto,
    /// `VirtualBox` VMs, through Vagrant.
    Virtualbox,
    /// VMs on KVM or plain QEMU, through Vagrant.
    Libvirt,
    /// Privileged systemd containers, through Vagrant.
    Docker,
    /// Hosts that exist already.
    Ssh,
}

/// What runs the containers on the nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Runtime {
    /// containerd, which the kubelet speaks to by itself.
    Containerd,
    /// Docker: by the kubelet's dockershim up to Kubernetes 1.23, by cri-dockerd from 1.24 on.
    Docker,
}

/// Address ranges and the pod network.
#[derive(Debug, Clone)]
pub struct Network {
    /// Node network: every node has its address in it.
    pub nodes: Ipv4Net,
    /// Pod CIDR of the whole cluster; each node has a part of it, see [`Node::pods`].
    pub pods: Ipv4Net,
    /// Service CIDR.
    pub services: Ipv4Net,
    /// The pod network's implementation.
    pub cni: Cni,
    /// Addresses for Services of type `LoadBalancer`.
    pub load_balancer: Option<LoadBalancer>,
    /// How kube-proxy works.
    pub kube_proxy: ProxyMode,
    /// The cluster's DNS domain.
    pub dns_domain: String,
}

/// The pod network's implementation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Cni {
    /// The stock bridge plugin with host-local addresses, and a static route to every other node's range.
    Bridge,
    /// flannel, with VXLAN.
    Flannel,
    /// Calico, as its manifest has it.
    Calico,
    /// Cilium, as its chart has it, beside kube-proxy.
    Cilium,
    /// The user brings one; kprov leaves the pod network alone.
    None,
}

/// How kube-proxy leads packets to Services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ProxyMode {
    /// By rules of iptables.
    Iptables,
    /// By rules of nftables; from Kubernetes 1.33 on.
    Nftables,
    /// By the kernel's virtual servers; deprecated since Kubernetes 1.35.
    Ipvs,
}

/// Addresses for Services of type `LoadBalancer`, and what does something with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadBalancer {
    /// The first address of the pool.
    pub first: Ipv4Addr,
    /// The last one, which belongs to the pool as well.
    pub last: Ipv4Addr,
    /// What gives the addresses to Services and has them answered.
    pub implementation: Implementation,
}

/// What gives addresses to Services and has them answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Implementation {
    /// Two small services of kprov's own on the nodes: a lab's stand-in that needs no image.
    Kprov,
    /// `MetalLB` in its layer 2 mode.
    Metallb,
    /// The user brings one; the addresses are kept free for it.
    None,
}

/// One machine.
#[derive(Debug, Clone)]
pub struct Node {
    /// Name in Kubernetes, host name and Vagrant's name.
    pub name: NodeName,
    /// What it does.
    pub role: Role,
    /// Its address in the node network: kubelet's `node-ip`.
    pub address: Ipv4Addr,
    /// Virtual processors.
    pub cpus: u32,
    /// Memory in MiB.
    pub memory_mib: u32,
    /// Its part of the pod CIDR, which the pod network `bridge` uses.
    pub pods: Ipv4Net,
    /// How to reach it, for the `ssh` provider only.
    pub host: Option<Host>,
}

/// What a node does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Runs etcd, the API server, the scheduler and the controller manager.
    ControlPlane,
    /// Runs pods.
    Worker,
}

/// A host that exists already, as SSH reaches it.
#[derive(Debug, Clone)]
pub struct Host {
    /// Name or address to connect to.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// A user who may `sudo` without a password (or root).
    pub user: String,
    /// Private key file; without one, the SSH agent and the usual files in `~/.ssh` are tried.
    pub identity: Option<PathBuf>,
}

/// A Vagrant box.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct MachineBox {
    /// Its name.
    pub name: String,
    /// Where it comes from, if not from Vagrant's public catalogue: a path of this computer, or an address.
    pub url: Option<String>,
    /// Its version; `None` takes the newest that is there.
    pub version: Option<String>,
    /// SHA-256 of its file.
    pub sha256: Option<String>,
}

/// Settings of the `virtualbox` provider.
#[derive(Debug, Clone)]
pub struct VirtualBox {
    /// Boxes in the order in which they are tried; none where the guest has none for this provider and computer.
    pub boxes: Vec<MachineBox>,
}

/// Settings of the `libvirt` provider.
#[derive(Debug, Clone)]
pub struct Libvirt {
    /// Boxes in the order in which they are tried; none where the guest has none for this provider and computer.
    pub boxes: Vec<MachineBox>,
    /// `kvm`, or `qemu` for emulation; `None` takes kvm where `/dev/kvm` exists.
    pub driver: Option<String>,
    /// libvirt's CPU mode, such as `host-passthrough`; `None` leaves it to the box.
    pub cpu_mode: Option<String>,
    /// CPU model for the CPU mode `custom`.
    pub cpu_model: Option<String>,
    /// What Vagrant should take the guest for, so that it does not guess.
    pub guest: String,
}

/// Settings of the `docker` provider.
#[derive(Debug, Clone)]
pub struct Docker {
    /// Image for the nodes; `None` builds kprov's own.
    pub image: Option<String>,
    /// Base image of kprov's own node image.
    pub base_image: String,
    /// Debian mirror to build it from where no registry answers.
    pub debian_mirror: String,
}

/// Where programs and images come from.
#[derive(Debug, Clone)]
pub struct Artifacts {
    /// Offline pack: a directory or a `.tar.zst` of one; absolute.
    pub pack: Option<PathBuf>,
    /// Registry that Kubernetes' own images are named after.
    pub image_repository: String,
    /// Base addresses (`http://…` or `https://…`) that container runtimes ask first, for every registry.
    pub registry_mirrors: Vec<String>,
    /// Images that are on all nodes beforehand, as they are written.
    pub images: Vec<String>,
    /// Whether an image whose digest is known has to have it; not so where a mirror has builds of its own.
    pub pinned_images: bool,
}

/// What `verify` deploys.
#[derive(Debug, Clone)]
pub struct Verify {
    /// Image of an nginx that serves its welcome page on port 80.
    pub image: String,
}

impl Cni {
    /// The word that the config has for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bridge => "bridge",
            Self::Flannel => "flannel",
            Self::Calico => "calico",
            Self::Cilium => "cilium",
            Self::None => "none",
        }
    }
}

impl Runtime {
    /// The word that the config has for it, and the name of its unit on a node.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Containerd => "containerd",
            Self::Docker => "docker",
        }
    }
}

impl Spec {
    /// The control plane that `kubeadm init` runs on.
    ///
    /// # Panics
    /// Never: reading a config refuses a cluster without a control plane.
    #[must_use]
    pub fn first_control_plane(&self) -> &Node {
        self.control_planes().next().expect("a Spec has a control plane")
    }

    /// Whether the nodes' processors are emulated, so that everything takes many times as long.
    #[must_use]
    pub fn emulated(&self) -> bool {
        self.libvirt.driver.as_deref() == Some("qemu")
    }

    /// All control planes, in order.
    pub fn control_planes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().filter(|node| node.role == Role::ControlPlane)
    }

    /// All workers, in order.
    pub fn workers(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().filter(|node| node.role == Role::Worker)
    }

    /// The boxes of a provider, in the order in which they are tried.
    #[must_use]
    pub fn boxes(&self, provider: Provider) -> &[MachineBox] {
        match provider {
            Provider::Virtualbox => &self.virtualbox.boxes,
            Provider::Libvirt => &self.libvirt.boxes,
            Provider::Auto | Provider::Docker | Provider::Ssh => &[],
        }
    }

    /// The boxes for computers of another architecture (as Go names it): those of the same guest, or the own box under
    /// its name. A file, an address or a sum of one is for this computer's alone.
    #[must_use]
    pub fn boxes_for(&self, provider: Provider, arch: &str) -> Vec<MachineBox> {
        let own = self.boxes(provider);
        let guest = own.first().and_then(|first| guests::of_box(&first.name));
        match guest {
            Some(guest) => guest.boxes(provider, arch),
            None => own
                .iter()
                .filter(|own| own.url.is_none() && own.sha256.is_none())
                .cloned()
                .collect(),
        }
    }

    /// The node of that name.
    #[must_use]
    pub fn node(&self, name: &str) -> Option<&Node> {
        self.nodes.iter().find(|node| node.name.as_str() == name)
    }

    /// Host and port of the API server as every node and kubeconfig names it.
    ///
    /// One control plane is named by its address. Several are named by a host name that stands in every
    /// node's `/etc/hosts` once for each control plane, so that clients go on to the next when one is down.
    #[must_use]
    pub fn api_endpoint(&self) -> (String, u16) {
        let host = match self.control_planes().nth(1) {
            None => self.first_control_plane().address.to_string(),
            Some(_) => self.api_host(),
        };
        (host, 6443)
    }

    /// The host name that stands for all control planes.
    #[must_use]
    pub fn api_host(&self) -> String {
        format!("api.{}.internal", self.name)
    }
}
