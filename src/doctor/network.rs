//! The node network against `VirtualBox`'s limits and against this computer's own networks, routes and VPNs.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::Severity::{Stops, Warns};
use super::{Depth, Examination, Host, Windows, release};
use crate::platform::System;
use crate::spec::{Provider, Spec, free_like, host_only_line, host_only_ranges_of};
use crate::t;

/// What `VirtualBox` reads its ranges from; there is no limit on Windows, nor on macOS from `VirtualBox` 7 on.
const NETWORKS_CONF: &str = "/etc/vbox/networks.conf";

pub(super) fn check(examination: &mut Examination) {
    if matches!(examination.provider, None | Some(Provider::Ssh)) {
        return;
    }
    let nodes = examination.nodes();
    if let Some(allowed) = allowed(examination)
        && !allowed.iter().any(|range| range.contains(&nodes))
    {
        let ranges: Vec<String> = allowed.iter().map(ToString::to_string).collect();
        examination.find_with(
            "KP-VBOX-008",
            Stops,
            t!("doctor.seen-ranges", nodes = nodes, ranges = ranges.join(" ")),
            vec![("line", host_only_line(&allowed, nodes))],
        );
    }
    let routes = routes(examination.host, &examination.windows);
    let free = free(examination, &routes, &[]).unwrap_or(nodes).to_string();
    let found = |route: &Route| {
        t!(
            "doctor.seen-route",
            nodes = nodes,
            net = route.net,
            interface = route.interface
        )
    };
    let covers = |route: &&Route| route.is_vpn() && route.net != nodes && route.net.contains(&nodes);
    let collides = |route: &&Route| {
        overlaps(route.net, nodes)
            && !route.is_own(nodes)
            && !(route.net == nodes && is_host_only_adapter(examination, nodes))
    };
    let (covering, others): (Vec<&Route>, Vec<&Route>) = routes.iter().partition(covers);
    if let Some(route) = others.into_iter().find(collides) {
        let values = vec![("free", free.clone())];
        examination.find_with("KP-NET-001", Stops, found(route), values);
    }
    if let Some(route) = covering.first() {
        let values = vec![("free", free), ("interface", route.interface.clone())];
        examination.find_with("KP-NET-002", Warns, found(route), values);
    }
}

/// A network of the node network's size that nobody has.
fn free(examination: &Examination, routes: &[Route], more: &[Ipv4Net]) -> Option<Ipv4Net> {
    let network = &examination.spec.network;
    let taken = routes.iter().map(|route| route.net);
    let taken = taken.chain([network.pods, network.services]);
    let taken: Vec<Ipv4Net> = taken.chain(more.iter().copied()).collect();
    free_like(network.nodes, &taken, allowed(examination).as_deref())
}

/// The ranges that a node network has to be in; `None` where any will do.
fn allowed(examination: &Examination) -> Option<Vec<Ipv4Net>> {
    let has_ranges = examination.provider == Some(Provider::Virtualbox) && has_ranges(examination);
    has_ranges.then(|| host_only_ranges_of(&examination.host.read(NETWORKS_CONF).unwrap_or_default()))
}

/// Whether `VirtualBox` keeps host-only networks within ranges: since 6.1.28, never on Windows, and on macOS until 7.
fn has_ranges(examination: &Examination) -> bool {
    let version = examination
        .host
        .run("VBoxManage", &["--version"])
        .and_then(|said| release::numbers(said.text.trim().lines().last()?));
    let since = |first: &[u32]| version.as_ref().is_none_or(|version| version.as_slice() >= first);
    match examination.host.os() {
        System::Linux => since(&[6, 1, 28]),
        System::Mac => version.is_some() && since(&[6, 1, 28]) && !since(&[7]),
        System::Windows => false,
    }
}

/// Whether the node network is one that this computer or its VPN has a route to, or that `VirtualBox` refuses.
#[must_use]
pub fn network_collides(host: &dyn Host, spec: &Spec) -> bool {
    let findings = super::examine(host, spec, Depth::Quick);
    findings
        .iter()
        .any(|finding| ["KP-NET-001", "KP-NET-002", "KP-VBOX-008"].contains(&finding.id))
}

/// Where the node network can be instead: not where this computer has a route to, nor where `more` are.
#[must_use]
pub fn free_network(host: &dyn Host, spec: &Spec, more: &[Ipv4Net]) -> Option<Ipv4Net> {
    let examination = Examination::new(host, spec, Depth::Quick);
    let routes = routes(host, &examination.windows);
    free(&examination, &routes, more)
}

fn overlaps(one: Ipv4Net, other: Ipv4Net) -> bool {
    one.contains(&other) || other.contains(&one)
}

/// Whether `VirtualBox` has an adapter in the node network: Windows gives such an adapter a name like any other's.
fn is_host_only_adapter(examination: &Examination, nodes: Ipv4Net) -> bool {
    if examination.host.os() != System::Windows || examination.provider != Some(Provider::Virtualbox) {
        return false;
    }
    let said = examination.host.run("VBoxManage", &["list", "hostonlyifs"]);
    said.is_some_and(|said| {
        let addresses = said
            .text
            .lines()
            .filter_map(|line| line.strip_prefix("IPAddress:"));
        addresses
            .filter_map(|address| address.trim().parse::<Ipv4Addr>().ok())
            .any(|address| nodes.contains(&address))
    })
}

/// VPNs that take all traffic have routes to two halves of the world, 0.0.0.0/1 and 128.0.0.0/1, or to more and smaller
/// parts: default routes all the same, to which a network of this computer's own is preferred.
const DEFAULT_ROUTE: u8 = 7;

struct Route {
    net: Ipv4Net,
    interface: String,
}

impl Route {
    /// Whether it leads to a bridge that a provider made for this very network, or for another lab of the same.
    fn is_own(&self, nodes: Ipv4Net) -> bool {
        let made = ["vboxnet", "virbr", "br-", "bridge1", "VirtualBox Host-Only"];
        self.net == nodes && made.iter().any(|start| self.interface.starts_with(start))
    }

    /// Whether it leads into a VPN, as far as names tell.
    fn is_vpn(&self) -> bool {
        let name = self.interface.to_lowercase();
        let starts = ["tun", "tap", "utun", "wg", "ppp", "ipsec", "zt", "gpd", "cscotun"];
        let words = [
            "vpn",
            "wireguard",
            "tailscale",
            "anyconnect",
            "zerotier",
            "nordlynx",
            "forti",
            "globalprotect",
            "pangp",
        ];
        starts.iter().any(|start| name.starts_with(start)) || words.iter().any(|word| name.contains(word))
    }
}

/// All networks that this computer has a route to, those of VPNs too; the default route left out.
fn routes(host: &dyn Host, windows: &Windows) -> Vec<Route> {
    let os = host.os();
    let said = match os {
        System::Linux => host.run("ip", &["-4", "route", "show", "table", "all"]),
        System::Mac => host.run("netstat", &["-rn", "-f", "inet"]),
        System::Windows => return windows.all("route").filter_map(|line| route(line, os)).collect(),
    };
    let said = said.unwrap_or_default();
    said.text.lines().filter_map(|line| route(line, os)).collect()
}

fn route(line: &str, os: System) -> Option<Route> {
    let mut words = line.split_whitespace();
    let net = words.next()?;
    let (net, interface) = match os {
        System::Linux => {
            // Local and broadcast entries begin with a word.
            let interface = line.split(" dev ").nth(1)?.split_whitespace().next()?;
            (net.parse().ok()?, interface.to_owned())
        }
        System::Windows => (net.parse().ok()?, line.split(" dev ").nth(1)?.trim().to_owned()),
        // 192.168.1/24 link#4 UCS en0
        System::Mac => (short(net)?, words.nth(2)?.to_owned()),
    };
    let own = net.prefix_len() <= DEFAULT_ROUTE
        || net.prefix_len() == 32
        || net.addr().is_loopback()
        || net.addr().is_multicast();
    (!own).then_some(Route { net, interface })
}

/// A network as BSD writes it: octets of zero at the end left out, the prefix too where it is that of the class.
fn short(text: &str) -> Option<Ipv4Net> {
    let (address, prefix) = text
        .split_once('/')
        .map_or((text, None), |(address, prefix)| (address, Some(prefix)));
    let mut octets: Vec<u8> = address
        .split('.')
        .map(|octet| octet.parse::<u8>().ok())
        .collect::<Option<_>>()?;
    let prefix = match prefix {
        Some(prefix) => prefix.parse().ok()?,
        None => u8::try_from(octets.len() * 8).ok()?,
    };
    octets.resize(4, 0);
    let octets: [u8; 4] = octets.try_into().ok()?;
    Ipv4Net::new(octets.into(), prefix).ok().map(|net| net.trunc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_of_all_systems_are_read() {
        let net = |line, os| route(line, os).map(|route| (route.net.to_string(), route.interface));
        let found = |net: &str, interface: &str| Some((net.to_owned(), interface.to_owned()));
        assert_eq!(
            net("192.168.1.0/24 dev wlan0 proto kernel scope link", System::Linux),
            found("192.168.1.0/24", "wlan0")
        );
        assert_eq!(
            net("10.0.0.0/8 via 10.8.0.1 dev tun0", System::Linux),
            found("10.0.0.0/8", "tun0")
        );
        assert_eq!(net("default via 192.168.1.1 dev wlan0", System::Linux), None);
        assert_eq!(net("128.0.0.0/1 via 10.8.0.1 dev tun0", System::Linux), None);
        assert_eq!(
            net("local 192.168.1.7 dev wlan0 table local", System::Linux),
            None
        );
        assert_eq!(
            net(
                "192.168.1          link#4             UCS                 en0",
                System::Mac
            ),
            found("192.168.1.0/24", "en0")
        );
        assert_eq!(
            net(
                "10.20/16           utun3              USc               utun3",
                System::Mac
            ),
            found("10.20.0.0/16", "utun3")
        );
        assert_eq!(
            net(
                "default            192.168.1.1        UGScg             en0",
                System::Mac
            ),
            None
        );
        assert_eq!(
            net("192.168.1.0/24 dev Wi-Fi", System::Windows),
            found("192.168.1.0/24", "Wi-Fi")
        );
        assert_eq!(net("224.0.0.0/4 dev Wi-Fi", System::Windows), None);
    }
}
