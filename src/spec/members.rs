//! Which nodes a cluster has: as many as the counts say, or the ones that are listed.

use toml::de::DeTable;

use super::Role;
use super::cluster::bounded;
use super::diagnostic::Diagnostic;
use super::document::{At, Section};
use super::entries::{Entries, Entry, role_name};
use super::words::nearest;
use crate::names::NodeName;
use crate::t;

/// More nodes than this are no lab on one computer or in one classroom.
const MOST_NODES: usize = 100;
/// The workers' part of them, with one control plane.
const MOST_WORKERS: u32 = 99;
/// etcd's documentation advises against more than seven members.
const MOST_CONTROL_PLANES: u32 = 7;

/// A node of the cluster, before its address and sizes are known.
pub(super) struct Member<'a> {
    pub name: NodeName,
    pub role: Role,
    /// Its number among the nodes of its role, from 0.
    pub number: u32,
    /// Its `[[node]]` table, or nothing but defaults.
    pub entry: Option<&'a Entry<'a>>,
}

/// The table that speaks for all nodes of a role.
pub(super) const fn group_name(role: Role) -> &'static str {
    match role {
        Role::ControlPlane => "control_plane",
        Role::Worker => "workers",
    }
}

/// The nodes of a cluster.
pub(super) struct Members<'a> {
    /// In order, control planes first.
    pub list: Vec<Member<'a>>,
    /// Whether these are the nodes that the file means; if not, the problems say why, and the list serves
    /// to find more of them.
    pub sound: bool,
}

/// The nodes that the counts and the `[[node]]` tables make.
pub(super) fn read<'a>(
    root: &'a DeTable<'a>,
    entries: &'a Entries<'a>,
    problems: &mut Vec<Diagnostic>,
) -> Members<'a> {
    let before = problems.len();
    let mut list = group(root, Role::ControlPlane, entries, problems);
    list.extend(group(root, Role::Worker, entries, problems));
    if problems.len() == before && entries.complete {
        unknown(&list, entries, problems);
    }
    namesakes(&list, entries, problems);
    few(root, &list, problems);
    Members {
        sound: entries.complete && problems.len() == before,
        list,
    }
}

fn group<'a>(
    root: &'a DeTable<'a>,
    role: Role,
    entries: &'a Entries<'a>,
    problems: &mut Vec<Diagnostic>,
) -> Vec<Member<'a>> {
    let section = Section::named(root, group_name(role));
    let count = count(&section, role, problems);
    let listed: Vec<_> = entries.of(role).collect();
    if listed.is_empty() {
        return generated(role, count.value, entries);
    }
    let number = u32::try_from(listed.len()).unwrap_or(u32::MAX);
    if entries.complete && count.at.is_some() && count.value != number {
        let role_name = role_name(role);
        let mut diagnostic = Diagnostic::new(
            count.place_or(&section.header),
            t!(
                "spec.count-differs",
                group = group_name(role),
                count = count.value,
                listed = number,
                role = role_name
            ),
            t!("spec.count-is", count = count.value),
        );
        for (entry, index) in listed.iter().zip(1..) {
            diagnostic = diagnostic.also(
                entry.name.at.clone(),
                t!("spec.listed-here", index = index, role = role_name),
            );
        }
        problems.push(diagnostic.help(t!("spec.count-differs-help", count = number)));
    } else if role == Role::ControlPlane && entries.complete && number % 2 == 0 {
        let last = listed
            .last()
            .map_or(0..0, |entry| entry.name.place_or(&entry.section.header));
        problems.push(even(
            number,
            last,
            t!("spec.listed-here", index = number, role = role_name(role)),
        ));
    }
    let member = |(entry, number): (&'a Entry<'a>, u32)| Member {
        name: entry.name.value.clone(),
        role,
        number,
        entry: Some(entry),
    };
    listed.into_iter().zip(0..).map(member).collect()
}

/// The number of nodes of a role, with its bounds checked; the default for a wrong one.
fn count(section: &Section<'_>, role: Role, problems: &mut Vec<Diagnostic>) -> At<u32> {
    let (default, least, most) = match role {
        Role::ControlPlane => (1, 1, MOST_CONTROL_PLANES),
        Role::Worker => (2, 0, MOST_WORKERS),
    };
    let Some(written) = section.whole("count") else {
        return At::default_of(default);
    };
    let place = written.place_or(&section.header);
    if role == Role::ControlPlane && written.value == 0 {
        problems.push(
            Diagnostic::new(
                place,
                t!("spec.no-control-plane"),
                t!("spec.no-control-plane-here"),
            )
            .why(t!("spec.no-control-plane-why"))
            .help(t!("spec.write", line = "count = 1")),
        );
        return At::default_of(default);
    }
    let Some(count) = bounded("count", &written, least, most, problems) else {
        return At::default_of(default);
    };
    if role == Role::ControlPlane && count % 2 == 0 {
        problems.push(even(count, place, t!("spec.count-is", count = count)));
    }
    written.with(count)
}

fn even(count: u32, place: std::ops::Range<usize>, label: String) -> Diagnostic {
    Diagnostic::new(place, t!("spec.even", count = count), label)
        .why(t!("spec.even-why", count = count, odd = count - 1))
        .help(t!("spec.even-help", less = count - 1, more = count + 1))
}

fn generated<'a>(role: Role, count: u32, entries: &'a Entries<'a>) -> Vec<Member<'a>> {
    let names = (0..count).map(|number| match role {
        Role::ControlPlane if count == 1 => "m-k8s".to_owned(),
        Role::ControlPlane => format!("m{}-k8s", number + 1),
        Role::Worker => format!("w{}-k8s", number + 1),
    });
    let changed_by = |name: &NodeName| {
        let mut changes = entries.all.iter().filter(|entry| entry.role.is_none());
        changes.find(|entry| entry.name.value == *name)
    };
    names
        .zip(0..)
        .filter_map(|(name, number)| {
            let name = NodeName::new(&name).ok()?;
            let entry = changed_by(&name);
            Some(Member {
                name,
                role,
                number,
                entry,
            })
        })
        .collect()
}

/// Every `[[node]]` without a role has to change a node that there is.
fn unknown(members: &[Member<'_>], entries: &Entries<'_>, problems: &mut Vec<Diagnostic>) {
    let generated = |member: &&Member<'_>| member.entry.is_none_or(|entry| entry.role.is_none());
    let names: Vec<_> = members
        .iter()
        .filter(generated)
        .map(|member| member.name.as_str())
        .collect();
    for entry in entries.all.iter().filter(|entry| entry.role.is_none()) {
        let name = entry.name.value.as_str();
        if names.contains(&name) {
            continue;
        }
        let help = match nearest(name, names.iter().copied()) {
            Some(near) => t!("spec.no-such-node-near", name = near),
            None => t!("spec.no-such-node-help"),
        };
        problems.push(
            Diagnostic::new(
                entry.name.place_or(&entry.section.header),
                t!("spec.no-such-node", name = name),
                t!("spec.no-such-node-here"),
            )
            .why(if names.is_empty() {
                t!("spec.all-listed-why")
            } else {
                t!("spec.no-such-node-why", names = names.join(", "))
            })
            .help(help),
        );
    }
}

/// No listed node may have the name of one that a count makes.
fn namesakes(members: &[Member<'_>], entries: &Entries<'_>, problems: &mut Vec<Diagnostic>) {
    for entry in entries.all.iter().filter(|entry| entry.role.is_some()) {
        let twin = members
            .iter()
            .find(|member| member.entry.is_none() && member.name == entry.name.value);
        if let Some(twin) = twin {
            let group = group_name(twin.role);
            problems.push(
                Diagnostic::new(
                    entry.name.place_or(&entry.section.header),
                    t!("spec.same-name", name = twin.name),
                    t!("spec.generated-name", group = group),
                )
                .why(t!("spec.same-name-why"))
                .help(t!("spec.generated-name-help")),
            );
        }
    }
}

fn few(root: &DeTable<'_>, members: &[Member<'_>], problems: &mut Vec<Diagnostic>) {
    let Some(first_too_many) = members.get(MOST_NODES) else {
        return;
    };
    let section = root
        .get(group_name(first_too_many.role))
        .map_or(0..0, toml::Spanned::span);
    let place = first_too_many
        .entry
        .map_or(section, |entry| entry.name.place_or(&entry.section.header));
    let message = t!("spec.too-many", count = members.len());
    problems.push(
        Diagnostic::new(place, message, t!("spec.too-many-here", most = MOST_NODES))
            .help(t!("spec.too-many-help")),
    );
}
