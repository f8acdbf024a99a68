//! Guest systems, the boxes that hold them, and which Kubernetes they are too old for.

use std::sync::LazyLock;

use serde::Deserialize;

use super::diagnostic::{Diagnostic, shown};
use super::document::{At, Section};
use super::words::{any_of, one_of};
use super::{KubernetesVersion, Provider};
use crate::t;
use crate::versions::{self, CgroupV1};

/// The table, as it is embedded.
const SOURCE: &str = include_str!("../../templates/guests.toml");

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    guest: Vec<Guest>,
}

/// A system that a box can hold.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Guest {
    /// Its name and version.
    pub name: String,
    /// The version of control groups that it starts with.
    cgroup: u32,
    /// What Vagrant calls such a guest.
    pub vagrant: String,
    /// Boxes of `VirtualBox`; the first is the one that is taken.
    virtualbox: Vec<String>,
    /// Boxes of libvirt.
    libvirt: Vec<String>,
}

static TABLE: LazyLock<Table> =
    LazyLock::new(|| toml::from_str(SOURCE).expect("templates/guests.toml is read by a test"));

impl Guest {
    fn boxes(&self, provider: Provider) -> &[String] {
        match provider {
            Provider::Libvirt => &self.libvirt,
            _ => &self.virtualbox,
        }
    }

    /// The box that is taken for it.
    pub fn first_box(&self, provider: Provider) -> Option<&str> {
        self.boxes(provider).first().map(String::as_str)
    }
}

/// The guest that `[cluster]` names; it has a box for the provider.
pub(super) fn read(
    section: &Section<'_>,
    provider: Option<Provider>,
    problems: &mut Vec<Diagnostic>,
) -> Option<&'static Guest> {
    let written = section.text("guest")?;
    let names: Vec<&str> = TABLE.guest.iter().map(|guest| guest.name.as_str()).collect();
    let name = one_of("guest", &written, &names, problems)?;
    let guest = TABLE.guest.iter().find(|guest| guest.name == name)?;
    let missing = provider
        .filter(|provider| matches!(provider, Provider::Virtualbox | Provider::Libvirt))
        .filter(|provider| guest.first_box(*provider).is_none());
    if let Some(provider) = missing {
        let with_box = TABLE
            .guest
            .iter()
            .filter(|guest| guest.first_box(provider).is_some());
        let others = any_of(with_box.map(|guest| format!("\"{}\"", guest.name)));
        problems.push(
            Diagnostic::new(
                written.place_or(&section.header),
                t!("spec.guest-box", guest = name, provider = provider.name()),
                t!("spec.guest-box-here"),
            )
            .help(t!("spec.guest-box-help", guests = others)),
        );
        return None;
    }
    Some(guest)
}

/// A box whose system has control groups of version 1, under a Kubernetes that does not start there.
pub(super) fn check_cgroups(
    box_name: &str,
    provider: Provider,
    written: &At<()>,
    kubernetes: Option<KubernetesVersion>,
) -> Option<Diagnostic> {
    let refused = |row: &versions::Row| row.cgroup_v1 == CgroupV1::Refused;
    let version = kubernetes.filter(|version| refused(versions::row(version.minor)))?;
    let holds = |guest: &&Guest| guest.boxes(provider).iter().any(|own| own == box_name);
    TABLE
        .guest
        .iter()
        .find(|guest| holds(guest) && guest.cgroup == 1)?;
    let last = versions::rows().iter().rfind(|row| !refused(row));
    let last = last.map(|row| format!("kubernetes = \"1.{}\"", row.minor));
    let newer = TABLE
        .guest
        .iter()
        .filter(|guest| guest.cgroup == 2 && guest.first_box(provider).is_some());
    let newer = any_of(newer.map(|guest| format!("\"{}\"", guest.name)));
    Some(
        Diagnostic::new(
            written.place_or(&(0..0)),
            t!("spec.cgroup", version = version, name = shown(box_name)),
            t!("spec.cgroup-here"),
        )
        .why(t!("spec.cgroup-why"))
        .help(t!(
            "spec.cgroup-help",
            guests = newer,
            line = last.unwrap_or_default()
        )),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_guest_has_a_box_and_every_box_one_guest() {
        for provider in [Provider::Virtualbox, Provider::Libvirt] {
            let boxes: Vec<&String> = TABLE
                .guest
                .iter()
                .flat_map(|guest| guest.boxes(provider))
                .collect();
            for (index, name) in boxes.iter().enumerate() {
                assert!(!boxes[..index].contains(name), "{name}");
                assert_eq!(name.matches('/').count(), 1, "{name}");
            }
        }
        for guest in &TABLE.guest {
            assert!(guest.first_box(Provider::Virtualbox).is_some(), "{}", guest.name);
            assert!([1, 2].contains(&guest.cgroup), "{}", guest.name);
        }
    }
}
