//! The tables `[[node]]`: their names and roles.

use toml::de::DeTable;

use super::diagnostic::{Diagnostic, shown};
use super::document::{At, Section};
use super::words::one_of;
use super::{Role, labels};
use crate::names::{LANES, NodeName};
use crate::t;

/// A `[[node]]` whose name and role are right.
pub(super) struct Entry<'a> {
    pub section: Section<'a>,
    pub name: At<NodeName>,
    /// `None` changes a node that the counts make.
    pub role: Option<Role>,
}

/// All `[[node]]` tables, and whether every one of them is right so far.
pub(super) struct Entries<'a> {
    pub all: Vec<Entry<'a>>,
    pub complete: bool,
}

impl<'a> Entries<'a> {
    /// The nodes that the file lists for a role.
    pub fn of(&self, role: Role) -> impl Iterator<Item = &Entry<'a>> {
        self.all.iter().filter(move |entry| entry.role == Some(role))
    }
}

/// The word for a role in `cluster.toml`.
pub(super) const fn role_name(role: Role) -> &'static str {
    match role {
        Role::ControlPlane => "control-plane",
        Role::Worker => "worker",
    }
}

/// Reads the tables; a name that stands twice is a problem and stays out the second time.
pub(super) fn read<'a>(root: &'a DeTable<'a>, problems: &mut Vec<Diagnostic>) -> Entries<'a> {
    let sections = Section::all_named(root, "node");
    let count = sections.len();
    let mut all: Vec<Entry<'a>> = Vec::new();
    for section in sections {
        let Some(entry) = entry(section, problems) else {
            continue;
        };
        match all.iter().find(|other| other.name.value == entry.name.value) {
            None => all.push(entry),
            Some(first) => {
                let name = &entry.name.value;
                problems.push(
                    Diagnostic::new(
                        entry.name.place_or(&entry.section.header),
                        t!("spec.same-name", name = name),
                        t!("spec.again-here"),
                    )
                    .also(first.name.at.clone(), t!("spec.first-here"))
                    .why(t!("spec.same-name-why"))
                    .help(t!("spec.same-name-help")),
                );
            }
        }
    }
    Entries {
        complete: all.len() == count,
        all,
    }
}

fn entry<'a>(section: Section<'a>, problems: &mut Vec<Diagnostic>) -> Option<Entry<'a>> {
    let name = section.text("name");
    let name = name.and_then(|name| node_name(&name, problems));
    let role = if section.has("role") {
        let roles = [Role::ControlPlane, Role::Worker];
        let word = section
            .text("role")
            .and_then(|role| one_of("role", &role, &roles.map(role_name), problems));
        Some(roles.into_iter().find(|role| Some(role_name(*role)) == word))
    } else {
        None
    };
    Some(Entry {
        name: name?,
        role: match role {
            None => None,
            Some(right) => Some(right?),
        },
        section,
    })
}

fn node_name(written: &At<&str>, problems: &mut Vec<Diagnostic>) -> Option<At<NodeName>> {
    let label = if written.value == "localhost" {
        Some(t!("spec.label-localhost"))
    } else {
        LANES
            .contains(&written.value)
            .then(|| t!("spec.label-lane", name = written.value))
    };
    if let Some(label) = label {
        let message = t!("spec.label", key = "name", value = shown(written.value));
        problems.push(Diagnostic::new(written.place_or(&(0..0)), message, label).help(t!("spec.label-help")));
        return None;
    }
    let checked = NodeName::new(written.value);
    labels::report("name", written, checked, problems).map(|name| written.with(name))
}
