//! Container images: which a cluster needs, what they are called and made of, and how one becomes an archive.

use crate::spec::KubernetesVersion;
use crate::versions;

pub(in crate::artifact) mod archive;
mod digests;
mod login;
pub(in crate::artifact) mod manifest;
mod reference;

pub use archive::Archive;
pub use login::{Helper, Login, Logins};
pub use reference::Reference;

/// A container image for one architecture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Its name, as Kubernetes is told it.
    pub name: String,
    /// The architecture, as Go names it.
    pub arch: String,
    /// The SHA-256 of what the name stands for, where that is known beforehand.
    pub digest: Option<String>,
    /// Whether control planes need it.
    pub control_planes: bool,
    /// Whether workers need it.
    pub workers: bool,
}

impl Image {
    /// An image for an architecture, that nodes of all roles need.
    #[must_use]
    pub fn new(name: &str, arch: &str) -> Self {
        let reference = Reference::parse(name);
        Self {
            digest: digests::known(&reference).map(ToOwned::to_owned),
            name: reference.to_string(),
            arch: arch.to_owned(),
            control_planes: true,
            workers: true,
        }
    }

    /// The same, that control planes alone need.
    #[must_use]
    pub fn for_control_planes(self) -> Self {
        Self {
            workers: false,
            ..self
        }
    }

    /// The same, that workers alone need.
    #[must_use]
    pub fn for_workers(self) -> Self {
        Self {
            control_planes: false,
            ..self
        }
    }

    /// Its name, taken apart.
    #[must_use]
    pub fn reference(&self) -> Reference {
        Reference::parse(&self.name)
    }

    /// A name that no other file of a cluster has.
    #[must_use]
    pub fn key(&self) -> String {
        format!("image:{}:{}", self.arch, self.name)
    }
}

/// The images of Kubernetes itself, as kubeadm names them, for nodes of an architecture. Those that a node needs to
/// become one come first.
#[must_use]
pub fn images(version: KubernetesVersion, repository: &str, arch: &str) -> Vec<Image> {
    let row = versions::row(version.minor);
    let own = |name: &str, tag: &str| Image::new(&format!("{repository}/{name}:{tag}"), arch);
    let tag = format!("v{version}");
    vec![
        own("kube-apiserver", &tag).for_control_planes(),
        own("kube-controller-manager", &tag).for_control_planes(),
        own("kube-scheduler", &tag).for_control_planes(),
        own("kube-proxy", &tag),
        own("pause", &row.pause),
        own("etcd", &row.etcd).for_control_planes(),
        own(&row.coredns_path, &row.coredns),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_kubeadm_prints() {
        let names = |minor, patch, repository| -> Vec<String> {
            let version = KubernetesVersion { minor, patch };
            let images = images(version, repository, "arm64");
            images.into_iter().map(|image| image.name).collect()
        };
        assert_eq!(
            names(20, 2, "k8s.gcr.io"),
            [
                "k8s.gcr.io/kube-apiserver:v1.20.2",
                "k8s.gcr.io/kube-controller-manager:v1.20.2",
                "k8s.gcr.io/kube-scheduler:v1.20.2",
                "k8s.gcr.io/kube-proxy:v1.20.2",
                "k8s.gcr.io/pause:3.2",
                "k8s.gcr.io/etcd:3.4.13-0",
                "k8s.gcr.io/coredns:1.7.0",
            ]
        );
        let newer = names(30, 14, "registry.k8s.io");
        assert_eq!(newer[6], "registry.k8s.io/coredns/coredns:v1.11.3");
    }
}
