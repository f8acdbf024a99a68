//! The addresses for Services of type `LoadBalancer`, and what gives them out.
//!
//! They stand under `[load_balancer]`; `load_balancer` in `[network]` is a short form for `addresses` there.

use std::net::Ipv4Addr;
use std::ops::Range;

use ipnet::Ipv4Net;
use toml::de::DeTable;

use super::diagnostic::{Diagnostic, shown};
use super::document::{At, Section};
use super::ranges::parse_pool;
use super::words::one_of;
use super::{Cni, Implementation, LoadBalancer};
use crate::t;

/// First and last address, both in the pool.
pub(super) type Pool = (Ipv4Addr, Ipv4Addr);

/// What the file says about it.
pub(super) enum Setting {
    /// Something that the problems are about.
    Wrong,
    /// No pool.
    Off,
    /// These addresses.
    Pool {
        /// The key that they stand at.
        key: &'static str,
        pool: At<Pool>,
        implementation: Implementation,
    },
}

impl Setting {
    /// The pool and the key that it stands at, where there is a right one.
    pub const fn pool(&self) -> Option<(&'static str, &At<Pool>)> {
        match self {
            Self::Pool { key, pool, .. } => Some((key, pool)),
            Self::Wrong | Self::Off => None,
        }
    }

    /// The part of a [`Spec`](super::Spec).
    pub fn finish(&self) -> Option<LoadBalancer> {
        match self {
            Self::Wrong | Self::Off => None,
            Self::Pool {
                pool, implementation, ..
            } => Some(LoadBalancer {
                first: pool.value.0,
                last: pool.value.1,
                implementation: *implementation,
            }),
        }
    }
}

/// A key that holds a pool: its name and where it stands.
struct Place<'a> {
    section: &'a Section<'a>,
    key: &'static str,
}

/// Reads the pool and checks it against the node network.
pub(super) fn read<'a>(
    root: &'a DeTable<'a>,
    nodes: Option<&At<Ipv4Net>>,
    gateway: Option<Ipv4Addr>,
    cni: Option<Cni>,
    problems: &mut Vec<Diagnostic>,
) -> Setting {
    let network = Section::named(root, "network");
    let own = Section::named(root, "load_balancer");
    let implementation = implementation(&own, cni, problems);
    let short = network
        .value("load_balancer")
        .filter(|value| value.get_ref().as_bool() != Some(false));
    let place = match (short, own.value("addresses")) {
        (Some(short), Some(long)) => {
            problems.push(twice(short.span(), long.span()));
            return Setting::Wrong;
        }
        (None, None) if root.contains_key("load_balancer") => {
            problems.extend(missing(&own, nodes));
            return Setting::Wrong;
        }
        (None, None) => return Setting::Off,
        (Some(_), None) => Place {
            section: &network,
            key: "load_balancer",
        },
        (None, Some(_)) => Place {
            section: &own,
            key: "addresses",
        },
    };
    match (pool(&place, nodes, gateway, problems), implementation) {
        (Some(pool), Some(implementation)) => Setting::Pool {
            key: place.key,
            pool,
            implementation,
        },
        _ => Setting::Wrong,
    }
}

/// Whoever takes the pod network that needs no image wants no other image either; and where the pod network is the
/// user's own, `MetalLB`'s pods would wait for it.
fn implementation(
    own: &Section<'_>,
    cni: Option<Cni>,
    problems: &mut Vec<Diagnostic>,
) -> Option<Implementation> {
    if !own.has("implementation") {
        return Some(match cni {
            Some(Cni::Flannel | Cni::Calico | Cni::Cilium) => Implementation::Metallb,
            Some(Cni::Bridge | Cni::None) | None => Implementation::Kprov,
        });
    }
    let written = own.text("implementation")?;
    match one_of(
        "implementation",
        &written,
        &["kprov", "metallb", "none"],
        problems,
    )? {
        "kprov" => Some(Implementation::Kprov),
        "metallb" => Some(Implementation::Metallb),
        _ => Some(Implementation::None),
    }
}

fn twice(short: Range<usize>, long: Range<usize>) -> Diagnostic {
    Diagnostic::new(short, t!("spec.pool-twice"), t!("spec.pool-twice-here"))
        .also(Some(long), t!("spec.again-here"))
        .help(t!("spec.pool-twice-help"))
}

/// A table without addresses; a value that is no table is reported elsewhere.
fn missing(own: &Section<'_>, nodes: Option<&At<Ipv4Net>>) -> Option<Diagnostic> {
    let known = ["addresses", "implementation"];
    // A key with a slip of the pen has a diagnostic already.
    if own.keys().any(|key| !known.contains(&key)) {
        return None;
    }
    let (first, last) = ends("", nodes);
    let message = t!("spec.missing-key", key = "addresses", header = "[load_balancer]");
    let label = t!("spec.missing-key-here", key = "addresses");
    Some(Diagnostic::new(own.header.clone(), message, label).help(write("addresses", first, last)))
}

fn pool(
    place: &Place<'_>,
    nodes: Option<&At<Ipv4Net>>,
    gateway: Option<Ipv4Addr>,
    problems: &mut Vec<Diagnostic>,
) -> Option<At<Pool>> {
    let key = place.key;
    let written = place.section.text(key)?;
    let at = written.place_or(&place.section.header);
    let Some((first, last)) = parse_pool(written.value) else {
        let (first, last) = ends(written.value, nodes);
        let message = t!("spec.pool-form", key = key, value = shown(written.value));
        let label = t!("spec.pool-form-here");
        problems.push(Diagnostic::new(at, message, label).help(write(key, first, last)));
        return None;
    };
    if first > last {
        let message = t!("spec.pool-order", key = key);
        let label = t!("spec.pool-order-here");
        problems.push(Diagnostic::new(at, message, label).help(write(key, last, first)));
        return None;
    }
    let pool = written.with((first, last));
    let wrong = |nodes| outside(key, &pool, nodes).or_else(|| reserved(key, &pool, nodes, gateway));
    if let Some(problem) = nodes.and_then(wrong) {
        problems.push(problem);
        return None;
    }
    Some(pool)
}

fn write(key: &str, first: Ipv4Addr, last: Ipv4Addr) -> String {
    t!("spec.write", line = format!("{key} = \"{first}-{last}\""))
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

fn outside(key: &str, pool: &At<Pool>, nodes: &At<Ipv4Net>) -> Option<Diagnostic> {
    let (first, last) = pool.value;
    let net = nodes.value;
    let strayed = [first, last].into_iter().find(|address| !net.contains(address))?;
    let moved = |address: Ipv4Addr| {
        let host = u32::from(address) & u32::from(net.hostmask());
        Ipv4Addr::from(u32::from(net.network()) | host)
    };
    let diagnostic = Diagnostic::new(
        pool.place_or(&(0..0)),
        t!("spec.pool-outside", key = key, address = strayed, nodes = net),
        t!("spec.pool-outside-here", address = strayed),
    )
    .also(nodes.at.clone(), t!("spec.node-network-is"))
    .why(t!("spec.pool-why"));
    let (first, last) = (moved(first), moved(last));
    Some(if first <= last {
        diagnostic.help(write(key, first, last))
    } else {
        diagnostic.help(t!("spec.pool-outside-help", nodes = net))
    })
}

/// A pool may not hold the node network's own address, its broadcast address or the gateway.
fn reserved(
    key: &str,
    pool: &At<Pool>,
    nodes: &At<Ipv4Net>,
    gateway: Option<Ipv4Addr>,
) -> Option<Diagnostic> {
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
        t!("spec.pool-reserved", key = key, address = address, name = name),
        t!("spec.pool-reserved-here", address = address),
    )
    .also(nodes.at.clone(), t!("spec.node-network-is"));
    Some(if first <= last {
        diagnostic.help(write(key, first.into(), last.into()))
    } else {
        diagnostic.help(t!("spec.pool-outside-help", nodes = net))
    })
}
