//! Hosts that exist already, and how SSH reaches them.

use std::net::Ipv4Addr;
use std::path::PathBuf;

use toml::de::DeTable;

use super::Host;
use super::cluster::bounded;
use super::diagnostic::{Diagnostic, shown};
use super::document::{At, Section};
use super::members::Member;
use super::read::Base;
use crate::t;

/// A host as the file has it; without a name or address of its own it is the node's.
pub(super) struct Reach {
    host: Option<At<String>>,
    port: u16,
    user: String,
    identity: Option<PathBuf>,
}

impl Reach {
    /// The host of the node with that address.
    pub fn at(self, address: Ipv4Addr) -> Host {
        Host {
            host: self.host.map_or_else(|| address.to_string(), |host| host.value),
            port: self.port,
            user: self.user,
            identity: self.identity,
        }
    }
}

/// The host of every member, in their order; `None` where `problems` say what is wrong.
pub(super) fn read<'a>(
    root: &'a DeTable<'a>,
    members: &[Member<'_>],
    base: &Base<'_>,
    problems: &mut Vec<Diagnostic>,
) -> Option<Vec<Reach>> {
    let common = Section::named(root, "ssh");
    let before = problems.len();
    let user = user(&common, problems).or_else(|| base.computer.user.clone());
    let port = port(&common, problems).unwrap_or(22);
    let identity = common.text("identity_file").map(|file| base.path(file.value));
    let mut hosts: Vec<Reach> = Vec::new();
    for member in members {
        let section = member.entry.map(|entry| &entry.section);
        let own_user = section.and_then(|section| self::user(section, problems));
        let own_port = section.and_then(|section| self::port(section, problems));
        let own_identity = section.and_then(|section| section.text("identity_file"));
        let reach = Reach {
            host: section.and_then(|section| host(section, problems)),
            port: own_port.unwrap_or(port),
            // A computer that does not tell its user's name is most likely a container, whose user is root.
            user: own_user
                .or_else(|| user.clone())
                .unwrap_or_else(|| "root".to_owned()),
            identity: own_identity
                .map(|file| base.path(file.value))
                .or_else(|| identity.clone()),
        };
        problems.extend(clash(&reach, member, &hosts, members));
        hosts.push(reach);
    }
    (problems.len() == before).then_some(hosts)
}

fn user(section: &Section<'_>, problems: &mut Vec<Diagnostic>) -> Option<String> {
    let written = section.text("user")?;
    let right = !written.value.is_empty()
        && !written.value.starts_with('-')
        && written
            .value
            .chars()
            .all(|c| c.is_alphanumeric() || "._-@\\$".contains(c));
    if !right {
        let message = t!("spec.user", value = shown(written.value));
        problems.push(
            Diagnostic::new(written.place_or(&section.header), message, t!("spec.user-here"))
                .help(t!("spec.write", line = "user = \"student\"")),
        );
    }
    right.then(|| written.value.to_owned())
}

fn port(section: &Section<'_>, problems: &mut Vec<Diagnostic>) -> Option<u16> {
    let written = section.whole("port")?;
    let port = bounded("port", &written, 1, u16::MAX.into(), problems)?;
    u16::try_from(port).ok()
}

fn host(section: &Section<'_>, problems: &mut Vec<Diagnostic>) -> Option<At<String>> {
    let written = section.text("host")?;
    let text = written.value;
    let name = text.split('.').all(|label| {
        !label.is_empty()
            && !label.starts_with('-')
            && label
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    });
    if name || text.parse::<std::net::IpAddr>().is_ok() {
        return Some(written.with(text.to_owned()));
    }
    let diagnostic = Diagnostic::new(
        written.place_or(&section.header),
        t!("spec.host", value = shown(text)),
        t!("spec.host-here"),
    );
    problems.push(diagnostic.help(t!("spec.host-help")));
    None
}

/// Two nodes on one host, or a host that has another node's name.
fn clash(reach: &Reach, member: &Member<'_>, before: &[Reach], members: &[Member<'_>]) -> Option<Diagnostic> {
    let host = reach.host.as_ref()?;
    let place = host.place_or(&(0..0));
    let twin = before.iter().zip(members).find(|(other, _)| {
        let same = other.host.as_ref().is_some_and(|other| other.value == host.value);
        same && other.port == reach.port
    });
    if let Some((other, twin)) = twin {
        let message = t!(
            "spec.same-host",
            a = twin.name,
            b = member.name,
            host = host.value
        );
        let first = other.host.as_ref().and_then(|host| host.at.clone());
        return Some(
            Diagnostic::new(place, message, t!("spec.host-of", name = member.name))
                .also(first, t!("spec.host-of", name = twin.name))
                .help(t!("spec.same-host-help")),
        );
    }
    let namesake = members
        .iter()
        .find(|other| other.name != member.name && other.name.as_str() == host.value)?;
    let message = t!("spec.host-named", name = member.name, other = namesake.name);
    Some(
        Diagnostic::new(place, message, t!("spec.host-of", name = member.name))
            .also(
                namesake.entry.and_then(|entry| entry.name.at.clone()),
                t!("spec.node-named", name = namesake.name),
            )
            .why(t!("spec.host-named-why", other = namesake.name))
            .help(t!("spec.host-named-help")),
    )
}
