//! Every node's address in the node network.

use std::net::Ipv4Addr;
use std::ops::Range;

use ipnet::Ipv4Net;

use super::diagnostic::{Diagnostic, shown};
use super::document::At;
use super::members::Member;
use super::pool::Pool;
use super::{Role, ranges};
use crate::t;

/// What addresses are held against.
pub(super) struct Rules<'a> {
    pub nodes: &'a At<Ipv4Net>,
    /// The computer's own address, or the gateway's.
    pub gateway: Option<Ipv4Addr>,
    pub pool: Option<(&'static str, &'a At<Pool>)>,
    /// The header of `[network]`.
    pub header: &'a Range<usize>,
}

/// The number in the node network of the first node of a role, as in the course's own cluster.
const fn first_number(role: Role) -> u32 {
    match role {
        Role::ControlPlane => 10,
        Role::Worker => 101,
    }
}

/// The address that a node has unless its `[[node]]` says another; `None` outside of the network.
fn derived(member: &Member<'_>, nodes: Ipv4Net) -> Option<Ipv4Addr> {
    let number = first_number(member.role).checked_add(member.number)?;
    let address = Ipv4Addr::from(u32::from(nodes.network()).checked_add(number)?);
    (nodes.contains(&address) && address != nodes.broadcast()).then_some(address)
}

/// An address for every member, in their order; `None` where `problems` say what is wrong.
///
/// Of members that are not `sound` only the written addresses are looked at: what follows from their number
/// would be wrong, too.
pub(super) fn assign(
    members: &[Member<'_>],
    sound: bool,
    rules: &Rules<'_>,
    problems: &mut Vec<Diagnostic>,
) -> Option<Vec<Ipv4Addr>> {
    let before = problems.len();
    let mut addresses: Vec<(At<Ipv4Addr>, &Member<'_>)> = Vec::new();
    let mut too_small = false;
    let written = |member: &&Member<'_>| {
        let entry = member.entry;
        entry.is_some_and(|entry| entry.section.has("address"))
    };
    for member in members.iter().filter(|member| sound || written(member)) {
        let Some(address) = written_or_derived(member, rules, &mut too_small, problems) else {
            continue;
        };
        match addresses.iter().find(|(other, _)| other.value == address.value) {
            Some(twin) => problems.push(same_address(twin, &(address, member), rules)),
            None => addresses.push((address, member)),
        }
    }
    problems.extend(in_pool(&addresses, rules));
    let complete = problems.len() == before && addresses.len() == members.len();
    complete.then(|| addresses.into_iter().map(|(address, _)| address.value).collect())
}

fn written_or_derived(
    member: &Member<'_>,
    rules: &Rules<'_>,
    too_small: &mut bool,
    problems: &mut Vec<Diagnostic>,
) -> Option<At<Ipv4Addr>> {
    let section = member.entry.map(|entry| &entry.section);
    if let Some(section) = section.filter(|section| section.has("address")) {
        let address = match section.address("address")? {
            Ok(address) => address,
            Err(text) => {
                problems.push(no_address(&text, member, rules));
                return None;
            }
        };
        let problem = misplaced(&address, member, rules);
        let right = problem.is_none();
        problems.extend(problem);
        return right.then_some(address);
    }
    let address = derived(member, rules.nodes.value);
    // One diagnostic is enough: the nodes after this one do not fit either.
    if address.is_none() && !std::mem::replace(too_small, true) {
        let number = first_number(member.role) + member.number;
        let message = t!(
            "spec.no-room",
            nodes = rules.nodes.value,
            number = number,
            name = member.name
        );
        problems.push(
            Diagnostic::new(
                rules.nodes.place_or(rules.header),
                message,
                t!("spec.node-network-is"),
            )
            .why(t!("spec.no-room-why"))
            .help(t!("spec.no-room-help")),
        );
    }
    address.map(At::default_of)
}

/// The address to propose for a member: its own by default, or the first of the role in the network.
fn proposal(member: &Member<'_>, rules: &Rules<'_>) -> String {
    let address = derived(member, rules.nodes.value).or_else(|| rules.nodes.value.hosts().last());
    t!(
        "spec.write",
        line = format!("address = \"{}\"", address.unwrap_or(rules.nodes.value.addr()))
    )
}

fn no_address(text: &At<&str>, member: &Member<'_>, rules: &Rules<'_>) -> Diagnostic {
    let message = t!("spec.no-address", value = shown(text.value));
    Diagnostic::new(text.place_or(rules.header), message, t!("spec.no-address-here"))
        .help(proposal(member, rules))
}

/// A written address that no node can have.
fn misplaced(address: &At<Ipv4Addr>, member: &Member<'_>, rules: &Rules<'_>) -> Option<Diagnostic> {
    let nodes = rules.nodes.value;
    let place = address.place_or(rules.header);
    let named = [
        (Some(nodes.network()), t!("spec.network-address")),
        (Some(nodes.broadcast()), t!("spec.broadcast-address")),
        (rules.gateway, t!("spec.gateway-address")),
    ];
    let taken = named.into_iter().find(|(taken, _)| *taken == Some(address.value));
    let diagnostic = if nodes.contains(&address.value) {
        let (_, name) = taken?;
        let message = t!("spec.address-reserved", address = address.value, name = name);
        Diagnostic::new(place, message, t!("spec.address-reserved-here", name = name))
    } else {
        let message = t!(
            "spec.address-outside",
            address = address.value,
            name = member.name
        );
        Diagnostic::new(place, message, t!("spec.address-outside-here", nodes = nodes))
    };
    Some(
        diagnostic
            .also(rules.nodes.at.clone(), t!("spec.node-network-is"))
            .help(proposal(member, rules)),
    )
}

fn same_address(
    first: &(At<Ipv4Addr>, &Member<'_>),
    second: &(At<Ipv4Addr>, &Member<'_>),
    rules: &Rules<'_>,
) -> Diagnostic {
    let message = t!(
        "spec.same-address",
        a = first.1.name,
        b = second.1.name,
        address = first.0.value
    );
    // What is derived has no place; the other one is then the line to change.
    let (wrong, other) = if second.0.at.is_some() {
        (second, first)
    } else {
        (first, second)
    };
    let label = t!("spec.address-of", name = wrong.1.name);
    let diagnostic = Diagnostic::new(wrong.0.place_or(rules.header), message, label)
        .also(other.0.at.clone(), t!("spec.address-of", name = other.1.name));
    if other.0.at.is_none() {
        let role = super::entries::role_name(other.1.role);
        let first = first_number(other.1.role);
        diagnostic
            .why(t!(
                "spec.derived-why",
                name = other.1.name,
                role = role,
                first = first
            ))
            .help(t!("spec.same-address-help"))
    } else {
        diagnostic.help(t!("spec.same-address-help"))
    }
}

/// The pool may not hold a node's address: both would answer for it.
fn in_pool(addresses: &[(At<Ipv4Addr>, &Member<'_>)], rules: &Rules<'_>) -> Option<Diagnostic> {
    let (key, pool) = rules.pool?;
    let (first, last) = pool.value;
    let caught = addresses
        .iter()
        .filter(|(address, _)| (first..=last).contains(&address.value));
    let caught: Vec<_> = caught.collect();
    let names: Vec<_> = caught
        .iter()
        .map(|(address, member)| format!("{} ({})", member.name, address.value))
        .collect();
    caught.first()?;
    let message = t!("spec.pool-nodes", key = key, nodes = names.join(", "));
    let mut diagnostic = Diagnostic::new(pool.place_or(rules.header), message, t!("spec.pool-nodes-here"));
    for (address, member) in &caught {
        diagnostic = diagnostic.also(address.at.clone(), t!("spec.address-of", name = member.name));
    }
    let taken: Vec<_> = addresses
        .iter()
        .map(|(address, _)| address.value)
        .chain(rules.gateway)
        .collect();
    let diagnostic = diagnostic.why(t!("spec.pool-nodes-why"));
    Some(match ranges::longest_gap(rules.nodes.value, &taken) {
        Some((first, last)) => {
            diagnostic.help(t!("spec.write", line = format!("{key} = \"{first}-{last}\"")))
        }
        None => diagnostic.help(t!("spec.pool-outside-help", nodes = rules.nodes.value)),
    })
}
