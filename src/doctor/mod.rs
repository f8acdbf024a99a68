//! What is wrong with this computer, before a lab is made on it and after one broke.
//!
//! All facts come through a [`Host`], so that a recorded computer can be examined as well as this one. A
//! [`Finding`] has an id for good; its texts are the messages `doctor.ID-…`.

use ipnet::Ipv4Net;

use crate::platform::System;
use crate::spec::{Provider, Spec};
use crate::{t, text};

mod containers;
mod explained;
mod family;
mod host;
mod hosts;
mod libvirt;
mod named;
mod network;
mod once;
mod ports;
mod recorded;
mod release;
mod resources;
mod together;
mod tools;
mod virtualbox;
mod windows;

pub use explained::{Explained, explained, ids};
pub use family::Family;
pub use host::{Host, Port, Said, ThisHost};
pub use network::{free_network, network_collides};
use once::Once;
pub use recorded::{Recorded, Recorder};
pub use resources::available_memory;
use windows::Windows;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The lab cannot be made.
    Stops,
    /// The lab is slower or may fail.
    Warns,
}

impl Severity {
    /// Its name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stops => "stops",
            Self::Warns => "warns",
        }
    }
}

/// Something that is wrong with a computer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its name for good, such as `KP-VBOX-004`.
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What was seen.
    pub seen: String,
    /// What its advice is filled with.
    values: Vec<(&'static str, String)>,
    os: System,
    family: Option<Family>,
}

impl Finding {
    /// What is wrong, in one sentence in the user's language.
    #[must_use]
    pub fn title(&self) -> String {
        t!(&format!("doctor.{id}-title", id = self.id))
    }

    /// Why it matters.
    #[must_use]
    pub fn why(&self) -> String {
        t!(&format!("doctor.{id}-why", id = self.id))
    }

    /// The commands for this system, line by line.
    #[must_use]
    pub fn advice(&self) -> String {
        let systems = [self.family.map(Family::key), Some(self.os.key())];
        let own = systems
            .into_iter()
            .flatten()
            .map(|system| format!("doctor.{}-do-{system}", self.id))
            .find(|key| text::optional(key).is_some());
        let key = own.unwrap_or_else(|| format!("doctor.{id}-do", id = self.id));
        let values: Vec<(&str, &dyn std::fmt::Display)> = self
            .values
            .iter()
            .map(|(name, value)| (*name, value as &dyn std::fmt::Display))
            .collect();
        text::message(&key, &values)
    }
}

/// How much is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// What would keep the first machine from booting; what `up` asks before it touches anything.
    Quick,
    /// Everything.
    Full,
}

/// What the checks look at.
struct Examination<'a> {
    host: &'a dyn Host,
    spec: &'a Spec,
    /// The settled one, or the first whose tool is there.
    provider: Option<Provider>,
    depth: Depth,
    family: Option<Family>,
    windows: Windows,
    findings: Vec<Finding>,
}

/// Examines a computer for the cluster that `spec` describes. The worst come first.
#[must_use]
pub fn examine(host: &dyn Host, spec: &Spec, depth: Depth) -> Vec<Finding> {
    let host: &dyn Host = &Once::new(host);
    let mut examination = Examination::new(host, spec, depth);
    tools::check(&mut examination);
    match examination.provider {
        Some(Provider::Virtualbox) => virtualbox::check(&mut examination),
        Some(Provider::Libvirt) => libvirt::check(&mut examination),
        Some(Provider::Docker) => containers::check(&mut examination),
        Some(Provider::Ssh) => hosts::check(&mut examination),
        _ => {}
    }
    if depth == Depth::Full {
        examination.at_work();
    }
    ports::check(&mut examination);
    network::check(&mut examination);
    resources::check(&mut examination);
    let mut findings = examination.findings;
    findings.sort_by_key(|finding| (finding.severity, finding.id));
    findings
}

impl<'a> Examination<'a> {
    fn new(host: &'a dyn Host, spec: &'a Spec, depth: Depth) -> Self {
        Self {
            host,
            spec,
            provider: tools::provider(host, spec.provider),
            depth,
            family: Family::of(host),
            windows: Windows::ask(host),
            findings: Vec::new(),
        }
    }

    fn nodes(&self) -> Ipv4Net {
        self.spec.network.nodes
    }

    /// Whether this folder has made the cluster, or begun to.
    fn is_known(&self) -> bool {
        let folder = self.host.folder();
        let state = format!("{folder}/.kprov/{}/state-id", self.spec.name);
        self.host.read(&state).is_some()
    }

    /// Whether a machine has a name of this lab's.
    fn has_own_name(&self, machine: &str) -> bool {
        let (name, nodes) = (&self.spec.name, &self.spec.nodes);
        nodes
            .iter()
            .any(|node| machine == format!("{name}-{}", node.name))
    }

    /// Of all machines those that have names of this lab's though this folder has not made it.
    fn left_over<'n>(&self, all: impl Iterator<Item = &'n str>) -> Vec<&'n str> {
        if self.is_known() {
            return Vec::new();
        }
        all.filter(|name| self.has_own_name(name)).collect()
    }

    /// Another kprov that changes the lab at this moment.
    fn at_work(&mut self) {
        let lock = format!("{}/.kprov/{}/lock", self.host.folder(), self.spec.name);
        let Some(holder) = self.host.holder(&lock) else {
            return;
        };
        let pid = holder.text.split_once("pid ").map_or("", |(_, rest)| rest);
        let pid: String = pid.chars().take_while(char::is_ascii_digit).collect();
        self.find_with("KP-HOST-011", Severity::Warns, holder.text, vec![("pid", pid)]);
    }

    fn find(&mut self, id: &'static str, severity: Severity, seen: impl Into<String>) {
        self.find_with(id, severity, seen, Vec::new());
    }

    /// Something about machines, whose names are in the advice.
    fn find_named(&mut self, id: &'static str, severity: Severity, seen: impl Into<String>, names: &[&str]) {
        self.find_with(id, severity, seen, named::commands(id, names));
    }

    fn find_with(
        &mut self,
        id: &'static str,
        severity: Severity,
        seen: impl Into<String>,
        values: Vec<(&'static str, String)>,
    ) {
        self.findings.push(Finding {
            id,
            severity,
            seen: seen.into(),
            values,
            os: self.host.os(),
            family: self.family,
        });
    }
}
