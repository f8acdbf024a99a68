//! What a config file is held against: the computer that kprov runs on.

use std::net::Ipv4Addr;
use std::path::PathBuf;

use ipnet::Ipv4Net;

use super::{Provider, ranges};
use crate::platform;

/// The computer that kprov runs on, as far as a config file depends on it.
#[derive(Debug, Clone, Default)]
pub struct Computer {
    /// Its IPv4 addresses, loopback left out.
    pub interfaces: Vec<Interface>,
    /// The ranges in which `VirtualBox` makes host-only networks; `None` where it has no such limit.
    pub host_only_ranges: Option<Vec<Ipv4Net>>,
    /// The name of the user who runs kprov.
    pub user: Option<String>,
    /// The home directory of that user.
    pub home: Option<PathBuf>,
    /// The architecture of its processor, as Go names it; `None` stands for amd64, which every box is made for.
    pub arch: Option<String>,
}

/// A network interface with one IPv4 address; one with several is listed several times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// Its name, such as `eth0` or `VirtualBox Host-Only Network`.
    pub name: String,
    /// The computer's own address on it.
    pub address: Ipv4Addr,
    /// The network that it is attached to.
    pub net: Ipv4Net,
}

impl Computer {
    /// This computer, as it is now. What cannot be found out is left empty.
    #[must_use]
    pub fn this() -> Self {
        let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
        let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        Self {
            interfaces: interfaces.into_iter().filter_map(ipv4).collect(),
            host_only_ranges: host_only_ranges(),
            user: ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(variable),
            home: std::env::home_dir(),
            arch: Some(platform::arch().to_owned()),
        }
    }

    /// Whether `VirtualBox` lets a host-only network be `net`.
    #[must_use]
    pub fn allows_host_only(&self, net: Ipv4Net) -> bool {
        self.host_only_ranges
            .as_ref()
            .is_none_or(|ranges| ranges.iter().any(|range| range.contains(&net)))
    }

    /// The interface whose network has addresses in common with `net`, if there is one.
    #[must_use]
    pub fn attached_to(&self, net: Ipv4Net) -> Option<&Interface> {
        self.interfaces
            .iter()
            .find(|interface| ranges::overlap(interface.net, net))
    }

    /// Whether an interface is the bridge that a provider made for the node network `nodes`.
    pub(super) fn is_own_bridge(&self, interface: &Interface, nodes: Ipv4Net, provider: Provider) -> bool {
        // Windows numbers host-only adapters like any other, so there the address has to tell:
        // the host takes the first one.
        let named_freely = self.host_only_ranges.is_none() && nodes.hosts().next() == Some(interface.address);
        interface.net == nodes && (named_freely || is_bridge_of(&interface.name, provider))
    }
}

/// Whether `name` is what `VirtualBox` calls its host-only networks, as far as names tell.
pub(super) fn is_host_only(name: &str) -> bool {
    name.starts_with("vboxnet")
        || name.starts_with("VirtualBox Host-Only")
        || name.strip_prefix("bridge1").is_some_and(|rest| rest.len() == 2)
}

/// Whether `name` is what `provider` calls the bridges that it makes.
fn is_bridge_of(name: &str, provider: Provider) -> bool {
    // Docker's default bridge takes no fixed addresses, so it is never a lab's own.
    let docker = name.starts_with("br-") || (name.starts_with("docker") && name != "docker0");
    (provider.may_be(Provider::Virtualbox) && is_host_only(name))
        || (provider.may_be(Provider::Libvirt) && name.starts_with("virbr"))
        || (provider.may_be(Provider::Docker) && docker)
}

fn ipv4(interface: if_addrs::Interface) -> Option<Interface> {
    let if_addrs::IfAddr::V4(address) = interface.addr else {
        return None;
    };
    if address.ip.is_loopback() {
        return None;
    }
    Some(Interface {
        name: interface.name,
        address: address.ip,
        net: Ipv4Net::with_netmask(address.ip, address.netmask).ok()?.trunc(),
    })
}

fn host_only_ranges() -> Option<Vec<Ipv4Net>> {
    let file = platform::host_only_ranges()?;
    Some(host_only_ranges_of(
        &std::fs::read_to_string(file).unwrap_or_default(),
    ))
}

/// The IPv4 ranges that a networks.conf allows: lines that begin with an asterisk, each with several ranges. Without any
/// it is `VirtualBox`'s own, 192.168.56.0/21.
#[must_use]
pub fn host_only_ranges_of(text: &str) -> Vec<Ipv4Net> {
    let lines = text.lines().filter_map(|line| line.trim().strip_prefix('*'));
    let ranges: Vec<_> = lines
        .flat_map(str::split_whitespace)
        .filter_map(|range| range.parse().ok())
        .collect();
    if ranges.is_empty() {
        vec![ranges::HOST_ONLY]
    } else {
        ranges
    }
}

/// The line that a networks.conf with these ranges lacks for `nodes`. Where it has none, `VirtualBox`'s own range would be
/// lost once the file has a line, so that is in it too.
#[must_use]
pub fn host_only_line(ranges: &[Ipv4Net], nodes: Ipv4Net) -> String {
    if ranges == [ranges::HOST_ONLY] {
        format!("* {} {nodes}", ranges::HOST_ONLY)
    } else {
        format!("* {nodes}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nets(texts: &[&str]) -> Vec<Ipv4Net> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn networks_conf_has_ranges_after_asterisks() {
        let text = "# comment\n* 10.0.0.0/8 192.168.0.0/16\n*2001::/64 172.16.0.0/12\n";
        assert_eq!(
            host_only_ranges_of(text),
            nets(&["10.0.0.0/8", "192.168.0.0/16", "172.16.0.0/12"])
        );
        assert_eq!(
            host_only_ranges_of("192.168.1.0/24\n"),
            nets(&["192.168.56.0/21"])
        );
    }

    #[test]
    fn a_line_is_added_and_none_is_changed() {
        let nodes = "192.168.1.0/24".parse().unwrap();
        let line = |text| host_only_line(&host_only_ranges_of(text), nodes);
        assert_eq!(line(""), "* 192.168.56.0/21 192.168.1.0/24");
        assert_eq!(line("* 10.10.0.0/16 2001::/64\n"), "* 192.168.1.0/24");
    }

    #[test]
    fn a_bridge_is_a_labs_own_only_with_its_provider_and_its_exact_network() {
        let interface = |name: &str| Interface {
            name: name.to_owned(),
            address: "192.168.56.7".parse().unwrap(),
            net: "192.168.56.0/24".parse().unwrap(),
        };
        let nodes: Ipv4Net = "192.168.56.0/24".parse().unwrap();
        let computer = Computer {
            host_only_ranges: Some(Vec::new()),
            ..Computer::default()
        };
        let own = |name, provider| computer.is_own_bridge(&interface(name), nodes, provider);
        assert!(own("vboxnet0", Provider::Virtualbox));
        assert!(own("vboxnet0", Provider::Auto));
        assert!(own("bridge100", Provider::Virtualbox));
        assert!(own("virbr1", Provider::Libvirt));
        assert!(own("br-0a1b2c", Provider::Docker));
        assert!(!own("vboxnet0", Provider::Docker));
        assert!(!own("docker0", Provider::Docker));
        assert!(!own("eth0", Provider::Auto));
        let wider = "192.168.56.0/23".parse().unwrap();
        assert!(!computer.is_own_bridge(&interface("vboxnet0"), wider, Provider::Auto));
    }
}
