//! Guest systems, the boxes that hold them, and which Kubernetes they are too old for.

use std::sync::LazyLock;

use serde::Deserialize;

use super::diagnostic::{Diagnostic, shown};
use super::document::{At, Section};
use super::words::{any_of, one_of};
use super::{Cni, KubernetesVersion, MachineBox, Network, Provider, ProxyMode};
use crate::t;
use crate::versions::{self, CgroupV1, Row};

/// The table, as it is embedded.
const SOURCE: &str = include_str!("../../templates/guests.toml");

/// What is taken where the file names no guest.
const USUAL: [(Provider, &str); 2] = [
    (Provider::Virtualbox, "ubuntu-24.04"),
    (Provider::Libvirt, "debian-12"),
];

/// The oldest kernel that Cilium runs on: that of release 8 of the Enterprise Linuxes, which has what others have later
/// (Cilium's system requirements of 1.13 to 1.17).
pub const CILIUM: &str = "4.18";
/// The oldest kernel that kube-proxy's mode nftables runs on (kernel version requirements of Kubernetes).
pub const NFTABLES: &str = "5.13";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    guest: Vec<Guest>,
}

/// A system that a box can hold.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guest {
    /// Its name and version.
    pub name: String,
    /// The version of control groups that it starts with.
    pub cgroup: u32,
    /// The kernel that it came with.
    pub kernel: String,
    /// What Vagrant calls such a guest.
    pub(super) vagrant: String,
    boxes: Vec<Build>,
}

/// A box, and what it is built for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Build {
    name: String,
    url: Option<String>,
    #[serde(default)]
    virtualbox: Vec<String>,
    #[serde(default)]
    libvirt: Vec<String>,
}

static TABLE: LazyLock<Table> =
    LazyLock::new(|| toml::from_str(SOURCE).expect("templates/guests.toml is read by a test"));

/// All systems that a config file can name.
#[must_use]
pub fn guests() -> &'static [Guest] {
    &TABLE.guest
}

/// The guest that is taken where the file names none.
pub(super) fn usual(provider: Provider) -> Option<&'static Guest> {
    let (_, name) = USUAL.iter().find(|(own, _)| *own == provider)?;
    guests().iter().find(|guest| guest.name == *name)
}

impl Build {
    fn architectures(&self, provider: Provider) -> &[String] {
        match provider {
            Provider::Virtualbox => &self.virtualbox,
            Provider::Libvirt => &self.libvirt,
            Provider::Auto | Provider::Docker | Provider::Ssh => &[],
        }
    }
}

impl Guest {
    /// Its boxes for a provider and an architecture (as Go names it), the one that is taken first.
    #[must_use]
    pub fn boxes(&self, provider: Provider, arch: &str) -> Vec<MachineBox> {
        let fits = |build: &&Build| build.architectures(provider).iter().any(|own| own == arch);
        let own = self.boxes.iter().filter(fits).map(|build| MachineBox {
            name: build.name.clone(),
            url: build.url.clone(),
            ..MachineBox::default()
        });
        own.collect()
    }

    /// Whether any provider has a box of that name for it.
    fn has(&self, box_name: &str) -> bool {
        self.boxes.iter().any(|build| build.name == box_name)
    }

    /// Whether a Kubernetes of that row starts on it.
    #[must_use]
    pub fn runs(&self, row: &Row) -> bool {
        !(self.refuses_cgroups(row) || self.is_too_old(row))
    }

    fn refuses_cgroups(&self, row: &Row) -> bool {
        self.cgroup == 1 && row.cgroup_v1 == CgroupV1::Refused
    }

    fn is_too_old(&self, row: &Row) -> bool {
        numbers(&self.kernel) < numbers(&row.kernel)
    }
}

/// The guest that a box of that name is of.
pub(super) fn of_box(box_name: &str) -> Option<&'static Guest> {
    guests().iter().find(|guest| guest.has(box_name))
}

/// Whether of all boxes that are known by that name none is built for this provider and architecture.
#[must_use]
pub fn is_for_others(box_name: &str, provider: Provider, arch: &str) -> bool {
    let builds = || guests().iter().flat_map(|guest| &guest.boxes);
    let mut own = builds().filter(|build| build.name == box_name).peekable();
    own.peek().is_some() && own.all(|build| !build.architectures(provider).iter().any(|own| own == arch))
}

/// The oldest kernel that a machine of this cluster may have.
#[must_use]
pub fn least_kernel(kubernetes: KubernetesVersion, network: &Network) -> &'static str {
    let mut least = versions::row(kubernetes.minor).kernel.as_str();
    let wanted = [
        (network.cni == Cni::Cilium, CILIUM),
        (network.kube_proxy == ProxyMode::Nftables, NFTABLES),
    ];
    for (is_wanted, kernel) in wanted {
        if is_wanted && numbers(kernel) > numbers(least) {
            least = kernel;
        }
    }
    least
}

fn numbers(version: &str) -> Vec<u32> {
    version.split('.').filter_map(|part| part.parse().ok()).collect()
}

/// The guest that `[cluster]` names; it has a box for the provider.
pub(super) fn read(
    section: &Section<'_>,
    provider: Option<Provider>,
    arch: &str,
    problems: &mut Vec<Diagnostic>,
) -> Option<&'static Guest> {
    let written = section.text("guest")?;
    let names: Vec<&str> = guests().iter().map(|guest| guest.name.as_str()).collect();
    let name = one_of("guest", &written, &names, problems)?;
    let guest = guests().iter().find(|guest| guest.name == name)?;
    let possible: Vec<Provider> = USUAL
        .into_iter()
        .map(|(own, _)| own)
        .filter(|own| provider.is_some_and(|provider| provider.may_be(*own)))
        .collect();
    let has_box = |guest: &Guest| possible.iter().any(|own| !guest.boxes(*own, arch).is_empty());
    if possible.is_empty() || has_box(guest) {
        return Some(guest);
    }
    let with_box = guests().iter().filter(|guest| has_box(guest));
    let others = any_of(with_box.map(|guest| format!("\"{}\"", guest.name)));
    let provider = any_of(possible.iter().map(|provider| provider.name().to_owned()));
    problems.push(
        Diagnostic::new(
            written.place_or(&section.header),
            t!("spec.guest-box", guest = name, provider = provider, arch = arch),
            t!("spec.guest-box-here"),
        )
        .help(t!("spec.guest-box-help", guests = others)),
    );
    None
}

/// A box whose system does not start this Kubernetes: for its control groups, or for its kernel.
pub(super) fn check(
    box_name: &str,
    written: &At<()>,
    kubernetes: Option<KubernetesVersion>,
) -> Option<Diagnostic> {
    let version = kubernetes?;
    let row = versions::row(version.minor);
    let guest = of_box(box_name)?;
    if guest.runs(row) {
        return None;
    }
    let place = written.place_or(&(0..0));
    let message = t!("spec.cgroup", version = version, name = shown(box_name));
    let diagnostic = if guest.refuses_cgroups(row) {
        Diagnostic::new(place, message, t!("spec.cgroup-here")).why(t!("spec.cgroup-why"))
    } else {
        let label = t!("spec.kernel-here", kernel = guest.kernel);
        Diagnostic::new(place, message, label).why(t!("spec.kernel-why", kernel = row.kernel))
    };
    let last = versions::rows().iter().rfind(|row| guest.runs(row));
    let last = last.map(|row| format!("kubernetes = \"1.{}\"", row.minor));
    let newer = guests().iter().filter(|guest| guest.runs(row));
    let newer = any_of(newer.map(|guest| format!("\"{}\"", guest.name)));
    Some(diagnostic.help(t!(
        "spec.cgroup-help",
        guests = newer,
        line = last.unwrap_or_default()
    )))
}

/// A pod network that the guest's kernel cannot carry.
pub(super) fn check_network(box_name: &str, network: &Section<'_>, written: &At<()>) -> Option<Diagnostic> {
    let cni = network.text("cni").filter(|cni| cni.value == "cilium")?;
    let guest = of_box(box_name)?;
    if numbers(&guest.kernel) >= numbers(CILIUM) {
        return None;
    }
    Some(
        Diagnostic::new(
            cni.place_or(&network.header),
            t!("spec.cilium-kernel", name = shown(box_name)),
            t!("spec.cilium-kernel-here", kernel = CILIUM),
        )
        .also(written.at.clone(), t!("spec.kernel-here", kernel = guest.kernel))
        .why(t!("spec.cilium-kernel-why"))
        .help(t!("spec.write", line = "cni = \"flannel\"")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROVIDERS: [Provider; 2] = [Provider::Virtualbox, Provider::Libvirt];

    #[test]
    fn every_guest_has_boxes_and_every_box_one_guest() {
        let names: Vec<&String> = guests()
            .iter()
            .flat_map(|guest| guest.boxes.iter().map(|build| &build.name))
            .collect();
        for (index, name) in names.iter().enumerate() {
            assert!(!names[..index].contains(name), "{name}");
            assert_eq!(name.matches('/').count(), 1, "{name}");
        }
        for guest in guests() {
            assert!([1, 2].contains(&guest.cgroup), "{}", guest.name);
            assert_eq!(numbers(&guest.kernel).len(), 2, "{}", guest.name);
            let boxes = PROVIDERS.map(|provider| guest.boxes(provider, "amd64").len());
            assert!(boxes[0] >= 2 && boxes[1] >= 1, "{}: {boxes:?}", guest.name);
            for build in &guest.boxes {
                let architectures = build.virtualbox.iter().chain(&build.libvirt);
                let mut architectures = architectures.peekable();
                assert!(architectures.peek().is_some(), "{} is for nothing", build.name);
                assert!(
                    architectures.all(|arch| arch == "amd64" || arch == "arm64"),
                    "{}",
                    build.name
                );
            }
        }
    }

    #[test]
    fn what_is_taken_without_a_word_is_there_for_every_provider_and_architecture() {
        for provider in PROVIDERS {
            let guest = usual(provider).unwrap();
            for arch in ["amd64", "arm64"] {
                assert!(
                    !guest.boxes(provider, arch).is_empty(),
                    "{} {provider} {arch}",
                    guest.name
                );
            }
            // It starts every Kubernetes.
            assert!(
                versions::rows().iter().all(|row| guest.runs(row)),
                "{}",
                guest.name
            );
        }
    }

    #[test]
    fn the_processor_decides_which_box_is_taken() {
        let names = |guest: &str, provider, arch| {
            let guest = guests().iter().find(|own| own.name == guest).unwrap();
            let boxes = guest.boxes(provider, arch).into_iter();
            boxes.map(|own| own.name).collect::<Vec<_>>()
        };
        assert_eq!(
            names("debian-12", Provider::Libvirt, "amd64"),
            ["debian/bookworm64", "cloud-image/debian-12", "generic/debian12"]
        );
        assert_eq!(
            names("debian-12", Provider::Libvirt, "arm64"),
            ["cloud-image/debian-12"]
        );
        assert_eq!(
            names("rocky-9", Provider::Virtualbox, "arm64"),
            ["bento/rockylinux-9"]
        );
        assert_eq!(
            names("rocky-8", Provider::Virtualbox, "arm64"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn old_systems_start_old_versions_only() {
        let last = |name: &str| {
            let guest = guests().iter().find(|guest| guest.name == name).unwrap();
            let row = versions::rows().iter().rfind(|row| guest.runs(row));
            row.map(|row| row.minor)
        };
        // 4.18 and 3.10 are too old from 1.32 on.
        assert_eq!(last("rocky-8"), Some(31));
        assert_eq!(last("centos-7"), Some(31));
        assert_eq!(last("rocky-9"), versions::rows().last().map(|row| row.minor));
    }

    #[test]
    fn a_box_is_known_to_be_for_other_processors() {
        assert!(is_for_others("bento/debian-12", Provider::Virtualbox, "arm64"));
        assert!(!is_for_others("bento/debian-12", Provider::Virtualbox, "amd64"));
        assert!(!is_for_others("somebody/own", Provider::Virtualbox, "arm64"));
    }
}
