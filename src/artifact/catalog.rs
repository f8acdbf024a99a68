//! What a cluster without a pack needs from the internet: which files, where from, held against which sums.

use super::{Encoding, Kind};
use crate::render::{AddOn, Manifest, helm_version};
use crate::spec::KubernetesVersion;
use crate::versions::{self, Row};

/// A release file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// What it is.
    pub kind: Kind,
    /// A program's command name, otherwise a word for people.
    pub name: &'static str,
    /// Its version, without a `v`.
    pub version: String,
    /// Where its project publishes it.
    pub url: String,
    /// What it is held against.
    pub sum: Sum,
    /// What it is packed in.
    pub encoding: Encoding,
}

/// Where the SHA-256 of a release file is known from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sum {
    /// From kprov's own table.
    Pinned(&'static str),
    /// From a file of the same release, at this address.
    Listed(String),
}

impl Artifact {
    /// A name that no other release file has: its address without `https://`.
    #[must_use]
    pub fn key(&self) -> &str {
        self.url.split_once("://").map_or(&self.url, |(_, rest)| rest)
    }

    /// The name of the file.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.url.rsplit('/').next().unwrap_or(&self.url)
    }

    fn new(kind: Kind, name: &'static str, version: &str, url: String, list: String, arch: &str) -> Self {
        let pinned = versions::sha256(name, version, arch);
        Self {
            kind,
            name,
            version: version.to_owned(),
            url,
            sum: pinned.map_or(Sum::Listed(list), Sum::Pinned),
            encoding: Encoding::None,
        }
    }
}

/// The files for nodes of an architecture (as Go names it) that run containerd. `runtime` says whether they have none yet.
#[must_use]
pub fn catalog(version: KubernetesVersion, arch: &str, runtime: bool) -> Vec<Artifact> {
    let row = versions::row(version.minor);
    let mut artifacts = programs(version, arch);
    if runtime {
        artifacts.extend([runc(row, arch), containerd(row, arch), cni_plugins(row, arch)]);
    }
    artifacts
}

/// The files for nodes that run Docker. `runtime` says whether they have no CNI plugins yet; Docker itself is in no box
/// and no image.
#[must_use]
pub fn docker_catalog(version: KubernetesVersion, arch: &str, runtime: bool) -> Vec<Artifact> {
    let row = versions::row(version.minor);
    let mut artifacts = programs(version, arch);
    artifacts.push(docker(row, arch));
    artifacts.extend(row.cri_dockerd.as_ref().map(|version| cri_dockerd(version, arch)));
    artifacts.extend(runtime.then(|| cni_plugins(row, arch)));
    artifacts
}

/// What every node needs of Kubernetes itself.
fn programs(version: KubernetesVersion, arch: &str) -> Vec<Artifact> {
    let mut artifacts: Vec<Artifact> = ["kubeadm", "kubelet", "kubectl"]
        .map(|name| kubernetes(name, version, arch))
        .into();
    artifacts.push(crictl(versions::row(version.minor), arch));
    artifacts
}

/// The manifests and charts of what is put into the cluster, as far as they are not kprov's own, and the helm for
/// charts.
#[must_use]
pub fn manifests(add_ons: &[AddOn], arch: &str) -> Vec<Artifact> {
    let released = add_ons.iter().filter_map(|add_on| match &add_on.manifest {
        Manifest::Own(_) => None,
        Manifest::Released { url, sha256 } => Some(Artifact {
            kind: Kind::Manifest,
            name: add_on.name,
            version: add_on.version.to_owned(),
            url: url.clone(),
            sum: Sum::Pinned(sha256),
            encoding: Encoding::None,
        }),
    });
    let charts = add_ons.iter().any(|add_on| !add_on.values.is_empty());
    released.chain(charts.then(|| helm(arch))).collect()
}

fn helm(arch: &str) -> Artifact {
    let version = helm_version();
    let url = format!("https://get.helm.sh/helm-v{version}-linux-{arch}.tar.gz");
    let list = format!("{url}.sha256sum");
    Artifact {
        encoding: Encoding::Tar,
        ..Artifact::new(Kind::Program, "helm", version, url, list, arch)
    }
}

/// As every CHANGELOG of Kubernetes links them.
fn kubernetes(name: &'static str, version: KubernetesVersion, arch: &str) -> Artifact {
    let url = format!("https://dl.k8s.io/release/v{version}/bin/linux/{arch}/{name}");
    let list = format!("{url}.sha256");
    Artifact::new(Kind::Program, name, &version.to_string(), url, list, arch)
}

fn crictl(row: &Row, arch: &str) -> Artifact {
    let version = &row.crictl;
    let base = "https://github.com/kubernetes-sigs/cri-tools/releases/download";
    let url = format!("{base}/v{version}/crictl-v{version}-linux-{arch}.tar.gz");
    let list = format!("{url}.sha256");
    Artifact {
        encoding: Encoding::Tar,
        ..Artifact::new(Kind::Program, "crictl", version, url, list, arch)
    }
}

fn runc(row: &Row, arch: &str) -> Artifact {
    let version = &row.runc;
    let base = format!("https://github.com/opencontainers/runc/releases/download/v{version}");
    let list = format!("{base}/runc.sha256sum");
    Artifact::new(
        Kind::Program,
        "runc",
        version,
        format!("{base}/runc.{arch}"),
        list,
        arch,
    )
}

/// The statically linked build: the other one needs glibc 2.35, which is newer than that of RHEL 9 and its relatives.
fn containerd(row: &Row, arch: &str) -> Artifact {
    let version = &row.containerd;
    let base = "https://github.com/containerd/containerd/releases/download";
    let url = format!("{base}/v{version}/containerd-static-{version}-linux-{arch}.tar.gz");
    let list = format!("{url}.sha256sum");
    Artifact::new(Kind::Containerd, "containerd", version, url, list, arch)
}

/// The statically linked build, which runs on every distribution. Its architectures have the kernel's names.
fn docker(row: &Row, arch: &str) -> Artifact {
    let version = &row.docker;
    let machine = if arch == "arm64" { "aarch64" } else { "x86_64" };
    let url = format!("https://download.docker.com/linux/static/stable/{machine}/docker-{version}.tgz");
    Artifact {
        kind: Kind::Docker,
        name: "docker",
        version: version.clone(),
        url,
        sum: pinned("docker", version, arch),
        encoding: Encoding::None,
    }
}

fn cri_dockerd(version: &str, arch: &str) -> Artifact {
    let base = "https://github.com/Mirantis/cri-dockerd/releases/download";
    Artifact {
        kind: Kind::Program,
        name: "cri-dockerd",
        version: version.to_owned(),
        url: format!("{base}/v{version}/cri-dockerd-{version}.{arch}.tgz"),
        sum: pinned("cri-dockerd", version, arch),
        encoding: Encoding::Tar,
    }
}

/// The sum of what comes without a file of sums: the table has it for each version of a row.
fn pinned(name: &str, version: &str, arch: &str) -> Sum {
    Sum::Pinned(versions::sha256(name, version, arch).unwrap_or_default())
}

fn cni_plugins(row: &Row, arch: &str) -> Artifact {
    let version = &row.cni_plugins;
    let base = "https://github.com/containernetworking/plugins/releases/download";
    let url = format!("{base}/v{version}/cni-plugins-linux-{arch}-v{version}.tgz");
    let list = format!("{url}.sha256");
    Artifact::new(Kind::CniPlugins, "cni-plugins", version, url, list, arch)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_row_gives_well_formed_addresses() {
        for row in versions::rows() {
            for arch in ["amd64", "arm64"] {
                let version = KubernetesVersion {
                    minor: row.minor,
                    patch: 3,
                };
                let artifacts = catalog(version, arch, true);
                let keys: HashSet<&str> = artifacts.iter().map(Artifact::key).collect();
                assert_eq!(keys.len(), 7, "1.{}", row.minor);
                for artifact in &artifacts {
                    let url = &artifact.url;
                    let uri: ureq::http::Uri = url.parse().expect(url);
                    assert_eq!(uri.scheme_str(), Some("https"), "{url}");
                    assert!(uri.query().is_none() && uri.path().starts_with('/'), "{url}");
                    assert!(url.contains(arch) && url.contains(&artifact.version), "{url}");
                    assert!(!url.contains("//dl") || !url.contains(' '), "{url}");
                    if let Sum::Listed(list) = &artifact.sum {
                        let parent = |url: &str| url.rsplit_once('/').map(|(dir, _)| dir.to_owned());
                        assert_eq!(parent(list), parent(url), "{list}");
                    }
                }
            }
        }
    }

    #[test]
    fn docker_comes_with_what_its_kubernetes_needs_and_every_sum_is_pinned() {
        for (minor, arch, runtime, expected) in [
            (20, "amd64", false, &["docker"][..]),
            (23, "arm64", true, &["docker", "cni-plugins"]),
            (24, "amd64", true, &["docker", "cri-dockerd", "cni-plugins"]),
            (37, "arm64", false, &["docker", "cri-dockerd"]),
        ] {
            let artifacts = docker_catalog(KubernetesVersion { minor, patch: 1 }, arch, runtime);
            let own = &artifacts[4..];
            let names: Vec<_> = own.iter().map(|artifact| artifact.name).collect();
            assert_eq!(names, expected, "1.{minor}");
            for artifact in own {
                assert!(matches!(artifact.sum, Sum::Pinned(_)), "{}", artifact.url);
                let machine = if arch == "arm64" { "aarch64" } else { "x86_64" };
                assert!(
                    artifact.url.contains(arch) || artifact.url.contains(machine),
                    "{}",
                    artifact.url
                );
            }
        }
    }

    #[test]
    fn only_kubernetes_and_containerd_come_with_sums_of_their_own() {
        let version = KubernetesVersion { minor: 20, patch: 2 };
        let listed = |artifact: &&Artifact| matches!(artifact.sum, Sum::Listed(_));
        let artifacts = catalog(version, "arm64", true);
        let names: Vec<_> = artifacts.iter().filter(listed).map(|a| a.name).collect();
        assert_eq!(names, ["kubeadm", "kubelet", "kubectl", "containerd"]);
        assert_eq!(catalog(version, "amd64", false).len(), 4);
    }
}
