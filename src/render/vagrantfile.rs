//! The Vagrantfile: machines that boot, and nothing else.

use serde::Serialize;
use tera::Context;

use super::{mac, template};
use crate::error::{Error, Result};
use crate::names::ClusterName;
use crate::spec::{MachineBox, Node, Provider, Spec};
use crate::t;

const TEMPLATE: &str = include_str!("../../templates/Vagrantfile.tera");

/// How kprov and the user get into container nodes, and what those are made of. VMs need none of it but the
/// mark: Vagrant makes a key for each of them.
#[derive(Debug, Clone)]
pub struct MachineAccess {
    /// The public key that a container node's first boot writes to its `authorized_keys`, on one line.
    pub public_key: String,
    /// The file of the private key that belongs to it: absolute, or seen from the Vagrantfile's folder.
    pub private_key_path: String,
    /// The image of container nodes.
    pub docker_image: String,
    /// Names the `.kprov` folder that machines belong to: a label of containers, extra data of `VirtualBox`'s machines,
    /// a part of the description of libvirt's.
    pub state_id: String,
    /// Which of the Spec's boxes is taken, counted from 0.
    pub box_number: usize,
}

#[derive(Serialize)]
struct Values<'a> {
    cluster: &'a str,
    file: String,
    netmask: String,
    machines: Vec<Machine<'a>>,
    own_box: Option<&'a MachineBox>,
    virtualbox: Option<VirtualBox<'a>>,
    libvirt: Option<Libvirt<'a>>,
    docker: Option<Docker<'a>>,
}

#[derive(Serialize)]
struct Machine<'a> {
    name: &'a str,
    title: String,
    address: String,
    mac: String,
    cpus: u32,
    memory_mib: u32,
}

#[derive(Serialize)]
struct VirtualBox<'a> {
    group: String,
    description: String,
    state_id: &'a str,
}

#[derive(Serialize)]
struct Libvirt<'a> {
    guest: &'a str,
    driver: Option<&'a str>,
    cpu_mode: Option<&'a str>,
    cpu_model: Option<&'a str>,
    prefix: String,
    network: String,
    description: String,
}

#[derive(Serialize)]
struct Docker<'a> {
    image: &'a str,
    public_key: &'a str,
    private_key_path: &'a str,
    prefix_length: u8,
    network_label: String,
    labels: Vec<String>,
}

/// The Vagrantfile of the cluster: ASCII, the same bytes for the same Spec.
///
/// `provider` is the resolved one: virtualbox, libvirt or docker.
///
/// # Errors
/// When the provider makes no machines, or the template does not fit: mistakes in kprov.
pub fn vagrantfile(spec: &Spec, provider: Provider, access: &MachineAccess) -> Result<String> {
    let (mut virtualbox, mut libvirt, mut docker) = (None, None, None);
    match provider {
        Provider::Virtualbox => virtualbox = Some(virtualbox_values(spec, access)),
        Provider::Libvirt => libvirt = Some(libvirt_values(spec, access)),
        Provider::Docker => docker = Some(docker_values(spec, access)),
        Provider::Auto | Provider::Ssh => {
            let provider = format!("{provider:?}").to_lowercase();
            return Err(Error::step(t!("render.no-machines", provider = provider)));
        }
    }
    let boxes = spec.boxes(provider);
    let values = Values {
        cluster: spec.name.as_str(),
        file: file_name(spec),
        netmask: spec.network.nodes.netmask().to_string(),
        machines: spec
            .nodes
            .iter()
            .map(|node| machine(spec, node, provider))
            .collect(),
        // A number that is left from another config counts as the first.
        own_box: boxes.get(access.box_number).or(boxes.first()),
        virtualbox,
        libvirt,
        docker,
    };
    let context = Context::from_serialize(&values)
        .map_err(|error| Error::step(t!("render.template", template = "Vagrantfile.tera")).cause(&error))?;
    template::text("Vagrantfile.tera", TEMPLATE, &context)
}

/// Without its folder, so that the text is the same wherever the config lies.
fn file_name(spec: &Spec) -> String {
    spec.file
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn machine<'a>(spec: &Spec, node: &'a Node, provider: Provider) -> Machine<'a> {
    Machine {
        name: node.name.as_str(),
        title: format!("{}-{}", spec.name, node.name),
        address: node.address.to_string(),
        // VBoxManage takes the digits alone; vagrant-libvirt puts the colons back.
        mac: mac(spec, node, provider).replace(':', "").to_uppercase(),
        cpus: node.cpus,
        memory_mib: node.memory_mib,
    }
}

fn virtualbox_values<'a>(spec: &Spec, access: &'a MachineAccess) -> VirtualBox<'a> {
    VirtualBox {
        group: format!("/kprov-{}", spec.name),
        description: format!("kprov: a node of the cluster {}, at ", spec.name),
        state_id: &access.state_id,
    }
}

/// The name of a cluster's node network in libvirt.
#[must_use]
pub fn libvirt_network(cluster: &ClusterName) -> String {
    format!("kprov-{cluster}")
}

fn libvirt_values<'a>(spec: &'a Spec, access: &MachineAccess) -> Libvirt<'a> {
    let libvirt = &spec.libvirt;
    Libvirt {
        guest: &libvirt.guest,
        driver: libvirt.driver.as_deref(),
        cpu_mode: libvirt.cpu_mode.as_deref(),
        cpu_model: libvirt.cpu_model.as_deref(),
        prefix: format!("{}-", spec.name),
        network: libvirt_network(&spec.name),
        // By the end of it, and by nothing else, kprov knows its machines again.
        description: format!(
            "kprov: a node of the cluster {} (kprov/state {})",
            spec.name, access.state_id
        ),
    }
}

fn docker_values<'a>(spec: &Spec, access: &'a MachineAccess) -> Docker<'a> {
    let cluster = format!("kprov.cluster={}", spec.name);
    Docker {
        image: &access.docker_image,
        public_key: &access.public_key,
        private_key_path: &access.private_key_path,
        prefix_length: spec.network.nodes.prefix_len(),
        network_label: cluster.clone(),
        labels: vec![cluster, format!("kprov.state={}", access.state_id)],
    }
}
