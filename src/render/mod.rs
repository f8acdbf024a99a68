//! The texts that a [`Spec`] becomes: the Vagrantfile, kubeadm's configuration files and manifests.
//!
//! Everything here is a pure function: the same Spec gives the same bytes on every computer. What a text
//! says is computed in Rust; the templates under `templates/` only say where it stands.

use std::path::PathBuf;

use crate::error::Result;
use crate::names::NodeName;
use crate::spec::{Provider, Spec};

mod add_ons;
mod kubeadm;
mod mac;
mod quote;
mod template;
mod vagrantfile;

pub use crate::versions::ApiVersion;
pub use add_ons::{AddOn, Manifest, Releases, add_ons, helm_version, metallb, pod_network, releases};
pub use kubeadm::{DISCOVERY_FILE, cri_socket, kubeadm, runtime_socket};
pub use mac::mac;
pub use quote::{ruby, yaml};
pub use template::text;
pub use vagrantfile::{MachineAccess, libvirt_network, vagrantfile};

/// The path of a node's file for kubeadm, with `/`.
#[must_use]
pub fn kubeadm_file(node: &NodeName) -> String {
    format!("kubeadm/{node}.yaml")
}

/// Every file that `kprov render` writes, by its path below the output folder.
///
/// `provider` is the resolved one. Existing hosts have no Vagrantfile.
///
/// # Errors
/// When a template does not fit what it is given, which is a mistake in kprov.
pub fn all(spec: &Spec, provider: Provider, access: &MachineAccess) -> Result<Vec<(PathBuf, String)>> {
    let mut files = Vec::new();
    if provider != Provider::Ssh {
        files.push((PathBuf::from("Vagrantfile"), vagrantfile(spec, provider, access)?));
    }
    for node in &spec.nodes {
        let path = kubeadm_file(&node.name).into();
        files.push((path, kubeadm(spec, node, provider)?));
    }
    let manifests = PathBuf::from("manifests");
    for add_on in add_ons(spec)? {
        let name = add_on.name;
        if let Manifest::Own(text) = add_on.manifest {
            files.push((manifests.join(format!("{name}.yaml")), text));
        }
        if !add_on.values.is_empty() {
            files.push((manifests.join(format!("{name}-values.yaml")), add_on.values));
        }
        if !add_on.after.is_empty() {
            files.push((manifests.join(format!("{name}-pool.yaml")), add_on.after));
        }
    }
    Ok(files)
}
