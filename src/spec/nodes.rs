//! The nodes of a cluster, complete.

use toml::de::DeTable;

use super::addresses::Rules;
use super::diagnostic::Diagnostic;
use super::document::{At, Section};
use super::members::Members;
use super::network::Ranges;
use super::read::Base;
use super::{Node, Provider, Role, addresses, entries, hosts, machines, members, network, pods};

/// Reads the counts and the `[[node]]` tables, and works out what they leave open.
pub(super) fn read<'a>(
    root: &'a DeTable<'a>,
    provider: Option<&At<Provider>>,
    ranges: &Ranges,
    base: &Base<'_>,
    problems: &mut Vec<Diagnostic>,
) -> Option<Vec<Node>> {
    let entries = entries::read(root, problems);
    let makes_machines = provider.is_none_or(|provider| provider.value.makes_machines());
    let mut size_of = |role| {
        let section = Section::named(root, members::group_name(role));
        machines::change(machines::default_of(role), &section, role, problems)
    };
    let (control_plane, worker) = (size_of(Role::ControlPlane), size_of(Role::Worker));
    let Members { list: members, sound } = members::read(root, &entries, problems);
    let sizes = members.iter().map(|member| {
        let group = match member.role {
            Role::ControlPlane => control_plane,
            Role::Worker => worker,
        };
        // Existing hosts have the size that they have; the keys are refused elsewhere.
        let Some(entry) = member.entry.filter(|_| makes_machines) else {
            return group;
        };
        let group = group.unwrap_or(machines::default_of(member.role));
        machines::change(group, &entry.section, member.role, problems)
    });
    let sizes: Vec<_> = sizes.collect();
    let provider = provider?;
    let rules = ranges.nodes.as_ref().map(|nodes| Rules {
        nodes,
        gateway: network::gateway(provider.value, nodes.value),
        pool: ranges.load_balancer.pool(),
        header: &ranges.header,
    });
    let addresses = rules.and_then(|rules| addresses::assign(&members, sound, &rules, problems));
    let hosts = match provider.value {
        Provider::Ssh => Some(hosts::read(root, &members, base, problems)?),
        _ => None,
    };
    let (addresses, nodes) = (addresses.filter(|_| sound)?, ranges.nodes.as_ref()?);
    let pods = ranges.pods.as_ref()?;
    let parts = pods::assign(pods, nodes, &addresses, &ranges.header, problems)?;
    let mut hosts = hosts.into_iter().flatten();
    let complete = members.iter().zip(sizes).zip(addresses.into_iter().zip(parts));
    complete
        .map(|((member, size), (address, pods))| {
            let size = size?;
            Some(Node {
                name: member.name.clone(),
                role: member.role,
                address,
                cpus: size.cpus,
                memory_mib: size.memory_mib,
                pods,
                host: hosts.next().map(|host| host.at(address)),
            })
        })
        .collect()
}
