//! Ranges that have addresses in common with each other or with networks that exist already.

use ipnet::Ipv4Net;

use super::diagnostic::Diagnostic;
use super::document::At;
use super::network::Ranges;
use super::ranges::{LIBVIRT_MANAGEMENT, Purpose, VIRTUALBOX_NAT, overlap};
use super::{Computer, Provider};
use crate::t;

/// Reports every overlap of the cluster's ranges.
pub(super) fn check(
    ranges: &Ranges,
    provider: &At<Provider>,
    computer: &Computer,
    problems: &mut Vec<Diagnostic>,
) {
    let known: Vec<_> = ranges.known().collect();
    let cluster = Cluster {
        ranges,
        known: &known,
        provider,
        computer,
    };
    for (index, second) in known.iter().enumerate() {
        let before = problems.len();
        for first in &known[..index] {
            problems.extend(cluster.each_other(*first, *second));
        }
        // One reason to move a range is enough.
        if problems.len() == before {
            let problem = cluster.reserved(*second).or_else(|| cluster.attached(*second));
            problems.extend(problem);
        }
    }
}

/// The node network's, pod or service range, and where it is written.
type Known<'a> = (Purpose, &'a At<Ipv4Net>);

struct Cluster<'a> {
    ranges: &'a Ranges,
    known: &'a [Known<'a>],
    provider: &'a At<Provider>,
    computer: &'a Computer,
}

/// How messages call a range.
pub(super) fn title(purpose: Purpose) -> String {
    match purpose {
        Purpose::Nodes => t!("spec.node-network"),
        Purpose::Pods => t!("spec.pod-range"),
        Purpose::Services => t!("spec.service-range"),
    }
}

impl Cluster<'_> {
    fn each_other(&self, first: Known<'_>, second: Known<'_>) -> Option<Diagnostic> {
        let ((one, a), (other, b)) = (first, second);
        if !overlap(a.value, b.value) {
            return None;
        }
        let label =
            |purpose, range: &At<Ipv4Net>| t!("spec.range-is", name = title(purpose), range = range.value);
        let message = t!(
            "spec.overlap",
            one = title(one),
            a = a.value,
            other = title(other),
            b = b.value
        );
        let diagnostic = if b.at.is_some() {
            Diagnostic::new(b.place_or(&self.ranges.header), message, label(other, b))
                .also(a.at.clone(), label(one, a))
        } else {
            Diagnostic::new(a.place_or(&self.ranges.header), message, label(one, a))
        };
        let why = match one {
            Purpose::Nodes => t!("spec.overlap-nodes-why"),
            _ => t!("spec.overlap-why"),
        };
        Some(diagnostic.why(why).help(self.free(other)))
    }

    /// Networks that a provider makes by itself.
    fn reserved(&self, (purpose, range): Known<'_>) -> Option<Diagnostic> {
        let reserved = [
            (Provider::Virtualbox, VIRTUALBOX_NAT, t!("spec.virtualbox-nat")),
            (
                Provider::Libvirt,
                LIBVIRT_MANAGEMENT,
                t!("spec.libvirt-management"),
            ),
        ];
        let (_, net, name) = reserved
            .into_iter()
            .find(|(provider, net, _)| self.provider.value.may_be(*provider) && overlap(*net, range.value))?;
        let message = t!(
            "spec.reserved",
            title = title(purpose),
            range = range.value,
            net = net
        );
        let label = t!("spec.reserved-here", net = net);
        Some(
            Diagnostic::new(range.place_or(&self.ranges.header), message, label)
                .also(
                    self.provider.at.clone(),
                    t!("spec.provider-is", provider = self.provider.value),
                )
                .why(name)
                .help(self.free(purpose)),
        )
    }

    /// Networks that this computer is in.
    fn attached(&self, (purpose, range): Known<'_>) -> Option<Diagnostic> {
        let nodes = self.ranges.nodes.as_ref().map(|nodes| nodes.value);
        let provider = self.provider.value;
        let interface = self.computer.interfaces.iter().find(|interface| {
            let own = nodes.is_some_and(|nodes| self.computer.is_own_bridge(interface, nodes, provider));
            overlap(interface.net, range.value) && !own && !is_made_by_kubernetes(&interface.name, provider)
        })?;
        // Hosts that exist already are reached over a network of this computer's.
        if purpose == Purpose::Nodes && provider == Provider::Ssh {
            return None;
        }
        let message = t!(
            "spec.attached",
            title = title(purpose),
            range = range.value,
            interface = interface.name
        );
        let label = t!("spec.range-is", name = title(purpose), range = range.value);
        let why = t!(
            "spec.attached-why",
            interface = interface.name,
            address = interface.address,
            net = interface.net
        );
        let free = self.free(purpose);
        let help = match purpose {
            Purpose::Nodes => t!("spec.moved-by-kprov", other = free),
            _ => free,
        };
        Some(
            Diagnostic::new(range.place_or(&self.ranges.header), message, label)
                .why(why)
                .help(help),
        )
    }

    /// What to write for a range instead.
    fn free(&self, purpose: Purpose) -> String {
        let others = self.known.iter().filter(|(other, _)| *other != purpose);
        let taken: Vec<_> = others
            .map(|(_, range)| range.value)
            .chain(self.computer.interfaces.iter().map(|interface| interface.net))
            .chain([VIRTUALBOX_NAT, LIBVIRT_MANAGEMENT])
            .collect();
        let Some(net) = purpose.free(&taken) else {
            return t!("spec.no-free-range", key = purpose.key());
        };
        let line = format!("{} = \"{net}\"", purpose.key());
        match purpose {
            Purpose::Nodes => t!("spec.move-nodes", line = line),
            _ => t!("spec.write-in-network", line = line),
        }
    }
}

/// Whether an interface is part of a cluster that runs on this very computer, which is one of its hosts.
fn is_made_by_kubernetes(name: &str, provider: Provider) -> bool {
    let names = ["cni", "flannel", "cali", "tunl", "cilium", "kube-"];
    provider == Provider::Ssh && names.iter().any(|start| name.starts_with(start))
}
