//! The table `[network]`.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use ipnet::Ipv4Net;
use toml::de::DeTable;

use super::diagnostic::{Diagnostic, shown};
use super::document::{At, Section};
use super::pool::Setting;
use super::ranges::{Purpose, UNUSABLE, overlap};
use super::words::one_of;
use super::{
    Cni, Computer, KubernetesVersion, Network, Provider, ProxyMode, host_only, labels, overlaps, pool, proxy,
};
use crate::t;

/// `[network]` as far as it is right.
pub(super) struct Ranges {
    /// The header of the table, for problems with what is not written.
    pub header: Range<usize>,
    pub nodes: Option<At<Ipv4Net>>,
    pub pods: Option<At<Ipv4Net>>,
    pub services: Option<At<Ipv4Net>>,
    pub load_balancer: Setting,
    cni: Option<Cni>,
    kube_proxy: Option<At<ProxyMode>>,
    dns_domain: Option<String>,
}

impl Ranges {
    /// The network of a [`Spec`](super::Spec), where nothing is missing.
    pub fn finish(self) -> Option<Network> {
        Some(Network {
            nodes: self.nodes?.value,
            pods: self.pods?.value,
            services: self.services?.value,
            cni: self.cni?,
            load_balancer: self.load_balancer.finish(),
            kube_proxy: self.kube_proxy?.value,
            dns_domain: self.dns_domain?,
        })
    }

    /// The ranges that are right, with what they are for.
    pub fn known(&self) -> impl Iterator<Item = (Purpose, &At<Ipv4Net>)> {
        [
            (Purpose::Nodes, &self.nodes),
            (Purpose::Pods, &self.pods),
            (Purpose::Services, &self.services),
        ]
        .into_iter()
        .filter_map(|(purpose, range)| Some((purpose, range.as_ref()?)))
    }
}

/// Reads the table and checks its ranges against each other, the provider and the computer.
pub(super) fn read<'a>(
    root: &'a DeTable<'a>,
    provider: Option<&At<Provider>>,
    kubernetes: Option<KubernetesVersion>,
    computer: &Computer,
    problems: &mut Vec<Diagnostic>,
) -> Ranges {
    let section = Section::named(root, "network");
    let nodes = range(&section, Purpose::Nodes, problems);
    let gateway = provider
        .zip(nodes.as_ref())
        .and_then(|(provider, nodes)| gateway(provider.value, nodes.value));
    let cni = cni(&section, problems);
    let ranges = Ranges {
        header: section.header.clone(),
        pods: range(&section, Purpose::Pods, problems),
        services: range(&section, Purpose::Services, problems),
        load_balancer: pool::read(root, nodes.as_ref(), gateway, cni, problems),
        nodes,
        cni,
        kube_proxy: proxy::read(&section, problems),
        dns_domain: dns_domain(&section, problems),
    };
    if let Some(mode) = &ranges.kube_proxy {
        proxy::check(mode, kubernetes, ranges.load_balancer.finish(), problems);
    }
    if let Some(provider) = provider {
        overlaps::check(&ranges, provider, computer, problems);
        host_only::check(&ranges, provider, computer, problems);
    }
    ranges
}

/// The address in the node network that is not a node's: the computer has it, or the gateway.
pub(super) fn gateway(provider: Provider, nodes: Ipv4Net) -> Option<Ipv4Addr> {
    provider.makes_machines().then(|| nodes.hosts().next()).flatten()
}

/// The shortest and longest prefix of a range.
///
/// The API server takes service ranges of at most 20 bits, and kubeadm wants at least ten addresses.
/// Every node has a /24 of the pod range, and the controller manager allows 65536 of them.
const fn prefixes(purpose: Purpose) -> (u8, u8) {
    match purpose {
        Purpose::Nodes => (8, 29),
        Purpose::Pods => (8, 24),
        Purpose::Services => (12, 28),
    }
}

fn range(section: &Section<'_>, purpose: Purpose, problems: &mut Vec<Diagnostic>) -> Option<At<Ipv4Net>> {
    let key = purpose.key();
    if !section.has(key) && purpose != Purpose::Nodes {
        return Some(At::default_of(purpose.default_range()));
    }
    let written = section.text(key)?;
    let place = written.place_or(&section.header);
    let value = shown(written.value);
    let write = |net: Ipv4Net| t!("spec.write", line = format!("{key} = \"{net}\""));
    let Ok(net) = written.value.parse::<Ipv4Net>() else {
        let v6 = written
            .value
            .split('/')
            .next()
            .is_some_and(|text| text.parse::<Ipv6Addr>().is_ok());
        let label = if v6 {
            t!("spec.range-v6-here")
        } else {
            t!("spec.range-form-here")
        };
        let address = written.value.split('/').next().and_then(|text| text.parse().ok());
        // With as many addresses as such a range usually has.
        let prefix = purpose.default_range().prefix_len();
        let meant = address.and_then(|address| Ipv4Net::new(address, prefix).ok());
        let help = write(meant.map_or_else(|| purpose.default_range(), |net| net.trunc()));
        problems
            .push(Diagnostic::new(place, t!("spec.range-form", key = key, value = value), label).help(help));
        return None;
    };
    let (shortest, longest) = prefixes(purpose);
    let problem = if net.trunc() != net {
        let label = t!("spec.range-host-bits-here", prefix = net.prefix_len());
        Diagnostic::new(place, t!("spec.range-host-bits", key = key, value = value), label)
            .help(write(net.trunc()))
    } else if let Some(unusable) = UNUSABLE.iter().find(|range| overlap(**range, net)) {
        let label = t!("spec.range-unusable-here", range = unusable);
        Diagnostic::new(place, t!("spec.range-unusable", key = key, value = value), label)
            .help(write(purpose.default_range()))
    } else if (shortest..=longest).contains(&net.prefix_len()) {
        return Some(written.with(net));
    } else {
        let prefix = net.prefix_len().clamp(shortest, longest);
        let fixed = Ipv4Net::new(net.addr(), prefix).map_or(net, |net| net.trunc());
        let label = t!("spec.range-size-here", shortest = shortest, longest = longest);
        let diagnostic = Diagnostic::new(place, t!("spec.range-size", key = key, value = value), label);
        let why = match purpose {
            Purpose::Nodes => t!("spec.range-size-nodes"),
            Purpose::Pods => t!("spec.range-size-pods"),
            Purpose::Services => t!("spec.range-size-services"),
        };
        diagnostic.why(why).help(write(fixed))
    };
    problems.push(problem);
    None
}

fn cni(section: &Section<'_>, problems: &mut Vec<Diagnostic>) -> Option<Cni> {
    if !section.has("cni") {
        return Some(Cni::Bridge);
    }
    let written = section.text("cni")?;
    let known = ["bridge", "flannel", "calico", "cilium", "none"];
    match one_of("cni", &written, &known, problems)? {
        "flannel" => Some(Cni::Flannel),
        "calico" => Some(Cni::Calico),
        "cilium" => Some(Cni::Cilium),
        "none" => Some(Cni::None),
        _ => Some(Cni::Bridge),
    }
}

fn dns_domain(section: &Section<'_>, problems: &mut Vec<Diagnostic>) -> Option<String> {
    if !section.has("dns_domain") {
        return Some("cluster.local".to_owned());
    }
    let written = section.text("dns_domain")?;
    if labels::is_domain(written.value) {
        return Some(written.value.to_owned());
    }
    let message = t!("spec.domain", value = shown(written.value));
    problems.push(
        Diagnostic::new(written.place_or(&section.header), message, t!("spec.domain-here"))
            .help(t!("spec.write", line = "dns_domain = \"cluster.local\"")),
    );
    None
}
