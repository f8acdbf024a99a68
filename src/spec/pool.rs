//! The addresses for Services of type `LoadBalancer`.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::diagnostic::{Diagnostic, shown};
use super::document::{At, Section};
use super::ranges::parse_pool;
use crate::t;

/// First and last address, both in the pool.
pub(super) type Pool = (Ipv4Addr, Ipv4Addr);

/// What `load_balancer` says.
pub(super) enum LoadBalancer {
    /// Something that the problems are about.
    Wrong,
    /// No pool.
    Off,
    /// These addresses.
    Pool(At<Pool>),
}

impl LoadBalancer {
    /// The pool, where there is a right one.
    pub const fn pool(&self) -> Option<&At<Pool>> {
        match self {
            Self::Pool(pool) => Some(pool),
            Self::Wrong | Self::Off => None,
        }
    }
}

/// Reads `load_balancer` and checks it against the node network.
pub(super) fn read(
    section: &Section<'_>,
    nodes: Option<&At<Ipv4Net>>,
    gateway: Option<Ipv4Addr>,
    problems: &mut Vec<Diagnostic>,
) -> LoadBalancer {
    let value = section.value("load_balancer");
    if value.is_none_or(|value| value.get_ref().as_bool() == Some(false)) {
        return LoadBalancer::Off;
    }
    let Some(written) = section.text("load_balancer") else {
        return LoadBalancer::Wrong;
    };
    let place = written.place_or(&section.header);
    let Some((first, last)) = parse_pool(written.value) else {
        let (first, last) = ends(written.value, nodes);
        let message = t!("spec.pool-form", value = shown(written.value));
        problems.push(Diagnostic::new(place, message, t!("spec.pool-form-here")).help(write(first, last)));
        return LoadBalancer::Wrong;
    };
    if first > last {
        let message = t!("spec.pool-order");
        let label = t!("spec.pool-order-here");
        problems.push(Diagnostic::new(place, message, label).help(write(last, first)));
        return LoadBalancer::Wrong;
    }
    let pool = written.with((first, last));
    let problem = nodes.and_then(|nodes| outside(&pool, nodes).or_else(|| reserved(&pool, nodes, gateway)));
    if let Some(problem) = problem {
        problems.push(problem);
        return LoadBalancer::Wrong;
    }
    LoadBalancer::Pool(pool)
}

fn write(first: Ipv4Addr, last: Ipv4Addr) -> String {
    t!("spec.write", line = format!("load_balancer = \"{first}-{last}\""))
}

/// What a text that is no pool may have meant: a network in CIDR form, or else .11 to .99 of the nodes'.
fn ends(text: &str, nodes: Option<&At<Ipv4Net>>) -> Pool {
    let net = text
        .parse::<Ipv4Net>()
        .ok()
        .filter(|net| (8..=30).contains(&net.prefix_len()));
    let base = nodes.map_or(Ipv4Addr::new(192, 168, 56, 0), |nodes| nodes.value.network());
    let from_base = |host: u32| Ipv4Addr::from(u32::from(base).saturating_add(host));
    let in_net = net.and_then(|net| Some((net.hosts().next()?, net.hosts().last()?)));
    in_net.unwrap_or((from_base(11), from_base(99)))
}

fn outside(pool: &At<Pool>, nodes: &At<Ipv4Net>) -> Option<Diagnostic> {
    let (first, last) = pool.value;
    let net = nodes.value;
    let strayed = [first, last].into_iter().find(|address| !net.contains(address))?;
    let moved = |address: Ipv4Addr| {
        let host = u32::from(address) & u32::from(net.hostmask());
        Ipv4Addr::from(u32::from(net.network()) | host)
    };
    let diagnostic = Diagnostic::new(
        pool.place_or(&(0..0)),
        t!("spec.pool-outside", address = strayed, nodes = net),
        t!("spec.pool-outside-here", address = strayed),
    )
    .also(nodes.at.clone(), t!("spec.node-network-is"))
    .why(t!("spec.pool-why"));
    let (first, last) = (moved(first), moved(last));
    Some(if first <= last {
        diagnostic.help(write(first, last))
    } else {
        diagnostic.help(t!("spec.pool-outside-help", nodes = net))
    })
}

/// A pool may not hold the node network's own address, its broadcast address or the gateway.
fn reserved(pool: &At<Pool>, nodes: &At<Ipv4Net>, gateway: Option<Ipv4Addr>) -> Option<Diagnostic> {
    let (first, last) = pool.value;
    let net = nodes.value;
    let named = [
        (Some(net.network()), t!("spec.network-address")),
        (gateway, t!("spec.gateway-address")),
        (Some(net.broadcast()), t!("spec.broadcast-address")),
    ];
    let (address, name) = named.into_iter().find_map(|(address, name)| {
        let address = address.filter(|address| (first..=last).contains(address))?;
        Some((address, name))
    })?;
    let lowest = u32::from(net.network()) + if gateway.is_some() { 2 } else { 1 };
    let highest = u32::from(net.broadcast()) - 1;
    let first = u32::from(first).max(lowest);
    let last = u32::from(last).min(highest);
    let diagnostic = Diagnostic::new(
        pool.place_or(&(0..0)),
        t!("spec.pool-reserved", address = address, name = name),
        t!("spec.pool-reserved-here", address = address),
    )
    .also(nodes.at.clone(), t!("spec.node-network-is"));
    Some(if first <= last {
        diagnostic.help(write(first.into(), last.into()))
    } else {
        diagnostic.help(t!("spec.pool-outside-help", nodes = net))
    })
}
