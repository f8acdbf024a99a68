//! What goes with each minor version of Kubernetes: `templates/versions.toml`, read once.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// The table, as it is embedded.
const SOURCE: &str = include_str!("../templates/versions.toml");

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    kubernetes: Vec<Row>,
    sha256: BTreeMap<String, BTreeMap<String, BTreeMap<String, String>>>,
    samples: Samples,
}

/// What `verify` deploys by default: images of an nginx that serves its welcome page on port 80.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Samples {
    /// What it begins with.
    pub image: String,
    /// What a Deployment is rolled out to: another version of the same repository.
    pub next: String,
}

/// What goes with one minor version of Kubernetes. Versions are written without a `v`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Row {
    /// The 20 of 1.20.
    pub minor: u32,
    /// The newest patch that is known: the 15 of 1.20.15.
    pub patch: u32,
    /// The version of its configuration API that kubeadm is given.
    pub kubeadm: ApiVersion,
    /// How kubeadm and the kubelet are told the runtime's socket.
    pub endpoint: Endpoint,
    /// What the kubelet makes of a guest with control groups of version 1.
    pub cgroup_v1: CgroupV1,
    /// The oldest kernel that kubeadm's preflight lets pass.
    pub kernel: String,
    /// kube-proxy's modes that are finished.
    pub kube_proxy: Vec<String>,
    /// The registry of Kubernetes' own images.
    pub repository: String,
    /// Where `CoreDNS`'s image is below that.
    pub coredns_path: String,
    /// The tag of the image of the process that holds a pod's namespaces.
    pub pause: String,
    /// The tag of etcd's image.
    pub etcd: String,
    /// The tag of `CoreDNS`'s image.
    pub coredns: String,
    /// The first patch whose kubeadm asks for these tags by itself; `None` when nobody knows.
    pub tags_from: Option<u32>,
    /// The version of crictl.
    pub crictl: String,
    /// The version of containerd that is installed where there is none that fits.
    pub containerd: String,
    /// The first containerd that fits, and the first that does not any more.
    pub containerd_range: (String, String),
    /// The version of Docker that is installed where there is none that fits.
    pub docker: String,
    /// The first Docker that fits, and the first that does not any more.
    pub docker_range: (String, String),
    /// The version of cri-dockerd, without which this Kubernetes does not speak to Docker; none where it does.
    pub cri_dockerd: Option<String>,
    /// The version of runc.
    pub runc: String,
    /// The version of the CNI plugins.
    pub cni_plugins: String,
}

impl Row {
    /// Whether the kubeadm of that patch is known to ask for the row's images of etcd and `CoreDNS` by itself.
    #[must_use]
    pub fn asks_itself(&self, patch: u32) -> bool {
        self.tags_from
            .is_some_and(|from| from <= patch && patch <= self.patch)
    }
}

/// The version of kubeadm's configuration API that a kubeadm is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ApiVersion {
    /// Up to Kubernetes 1.21.
    V1beta2,
    /// From 1.22, which brought it, to 1.30; 1.27 dropped the one before.
    V1beta3,
    /// From 1.31, which brought it; 1.37 dropped the one before.
    V1beta4,
}

/// How kubeadm and the kubelet are told the runtime's socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Endpoint {
    /// By its path.
    Path,
    /// By a URL; a path gets a warning.
    Url,
}

/// What the kubelet makes of a guest with control groups of version 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CgroupV1 {
    /// It runs.
    Runs,
    /// It runs, but that is only kept alive.
    Old,
    /// It does not start.
    Refused,
}

static TABLE: LazyLock<Table> =
    LazyLock::new(|| toml::from_str(SOURCE).expect("templates/versions.toml is read by a test"));

/// All rows, the oldest Kubernetes first.
#[must_use]
pub fn rows() -> &'static [Row] {
    &TABLE.kubernetes
}

/// The row of Kubernetes 1.`minor`; the newest one for a version that is newer than all of them.
///
/// # Panics
/// Never: the embedded table has rows, and a test reads it.
#[must_use]
pub fn row(minor: u32) -> &'static Row {
    let own = rows().iter().find(|row| row.minor == minor);
    own.or(rows().last()).expect("the table has rows")
}

/// What `verify` deploys where the config names nothing else.
#[must_use]
pub fn samples() -> &'static Samples {
    &TABLE.samples
}

/// The SHA-256 that the table has of a release file.
pub(crate) fn sha256(name: &str, version: &str, arch: &str) -> Option<&'static str> {
    Some(TABLE.sha256.get(name)?.get(version)?.get(arch)?.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(version: &str) -> Vec<u32> {
        let parts = version.split('.').map(|part| part.parse().expect(version));
        parts.collect()
    }

    #[test]
    fn every_supported_version_has_its_row() {
        let minors: Vec<u32> = rows().iter().map(|row| row.minor).collect();
        let last = minors.last().copied().unwrap();
        assert_eq!(minors, (20..=last).collect::<Vec<_>>());
        assert_eq!(row(last + 1).minor, last);
    }

    #[test]
    fn versions_parse_and_containerd_is_in_its_range() {
        for row in rows() {
            for version in [
                &row.pause,
                &row.crictl,
                &row.containerd,
                &row.docker,
                &row.runc,
                &row.cni_plugins,
            ] {
                assert!(numbers(version).len() >= 2, "1.{}: {version}", row.minor);
            }
            let containerd = numbers(&row.containerd);
            let (from, below) = &row.containerd_range;
            assert!(numbers(from) <= containerd, "1.{}", row.minor);
            assert!(containerd < numbers(below), "1.{}", row.minor);
            let (docker, (from, below)) = (numbers(&row.docker), &row.docker_range);
            assert!(
                numbers(from) <= docker && docker < numbers(below),
                "1.{}",
                row.minor
            );
        }
    }

    #[test]
    fn docker_is_spoken_to_by_the_kubelet_or_by_cri_dockerd() {
        for row in rows() {
            // 1.24 has no dockershim any more, and dockershim no eye for Docker 25.
            assert_eq!(row.cri_dockerd.is_some(), row.minor >= 24, "1.{}", row.minor);
            assert!(
                row.minor >= 24 || numbers(&row.docker_range.1) <= vec![25],
                "1.{}",
                row.minor
            );
        }
    }

    #[test]
    fn containerd_follows_the_kubelet_s_cri() {
        for row in rows() {
            let major = numbers(&row.containerd)[0];
            // CRI v1 came to the kubelet with 1.23, and containerd 2 has nothing else.
            assert!(row.minor > 22 || major == 1, "1.{}", row.minor);
            assert!(
                row.minor > 22 || numbers(&row.containerd_range.1) == [2],
                "1.{}",
                row.minor
            );
            // 1.35 is the last one that takes containerd 1.
            assert!(
                row.minor < 36 || numbers(&row.containerd_range.0)[0] == 2,
                "1.{}",
                row.minor
            );
            // From 1.26 on crictl need not know CRI v1alpha2, before it has to.
            assert!(row.minor > 25 || numbers(&row.crictl)[1] <= 25, "1.{}", row.minor);
        }
    }

    #[test]
    fn what_changed_with_a_release_changed_once() {
        let first = |is: &dyn Fn(&Row) -> bool| {
            let changed = rows().iter().position(is).unwrap();
            assert!(rows().iter().skip(changed).all(is), "1.{}", rows()[changed].minor);
            rows()[changed].minor
        };
        assert_eq!(first(&|row| row.kubeadm != ApiVersion::V1beta2), 22);
        assert_eq!(first(&|row| row.kubeadm == ApiVersion::V1beta4), 31);
        assert_eq!(first(&|row| row.endpoint == Endpoint::Url), 24);
        assert_eq!(first(&|row| row.cgroup_v1 != CgroupV1::Runs), 31);
        assert_eq!(first(&|row| row.cgroup_v1 == CgroupV1::Refused), 35);
        assert_eq!(first(&|row| row.kernel == "4.19"), 32);
        assert_eq!(
            first(&|row| row.kube_proxy.iter().any(|mode| mode == "nftables")),
            33
        );
        assert_eq!(first(&|row| row.repository == "registry.k8s.io"), 25);
        assert_eq!(first(&|row| row.coredns_path == "coredns/coredns"), 21);
        for row in rows() {
            // Tags have a `v` since CoreDNS moved.
            assert_eq!(
                row.coredns.starts_with('v'),
                row.coredns_path.contains('/'),
                "1.{}",
                row.minor
            );
        }
    }

    #[test]
    fn kubeadm_is_told_the_tags_that_it_would_not_choose() {
        let told = |minor, patch| !row(minor).asks_itself(patch);
        // 3.4.13-0 and 1.7.0 are those of all 1.20; of 1.30 the last one has others than the first.
        assert!(!told(20, 0) && !told(20, 2) && !told(20, 15));
        assert!(told(30, 0) && told(30, 13) && !told(30, 14) && told(30, 15));
        assert!(
            rows()
                .iter()
                .all(|row| row.tags_from.is_none_or(|from| from <= row.patch))
        );
    }

    #[test]
    fn samples_are_two_versions_of_one_repository_and_not_docker_hub_s() {
        let split = |image: &'static str| image.rsplit_once(':').unwrap();
        let (image, next) = (split(&samples().image), split(&samples().next));
        assert_eq!(image.0, next.0);
        assert_ne!(image.1, next.1);
        assert!(image.0.starts_with("registry.k8s.io/"), "{}", image.0);
    }

    #[test]
    fn sums_are_whole_and_used() {
        for (name, versions) in &TABLE.sha256 {
            for (version, sums) in versions {
                assert_eq!(
                    sums.keys().collect::<Vec<_>>(),
                    ["amd64", "arm64"],
                    "{name} {version}"
                );
                for sum in sums.values() {
                    let hexadecimal = sum.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
                    assert!(sum.len() == 64 && hexadecimal, "{name} {version}: {sum}");
                }
                let used = |row: &Row| match name.as_str() {
                    "crictl" => row.crictl == *version,
                    "docker" => row.docker == *version,
                    "cri-dockerd" => row.cri_dockerd.as_ref() == Some(version),
                    "runc" => row.runc == *version,
                    "cni-plugins" => row.cni_plugins == *version,
                    _ => false,
                };
                assert!(rows().iter().any(used), "no row wants {name} {version}");
            }
        }
    }
}
