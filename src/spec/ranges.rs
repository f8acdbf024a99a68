//! Ranges of IPv4 addresses: reading them, and finding free ones.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

/// The host-only networks that `VirtualBox` allows unless its networks.conf says otherwise.
pub(super) const HOST_ONLY: Ipv4Net = net([192, 168, 56, 0], 21);

/// The network in which every `VirtualBox` machine has the address 10.0.2.15, behind NAT.
pub(super) const VIRTUALBOX_NAT: Ipv4Net = net([10, 0, 2, 0], 24);

/// The network over which vagrant-libvirt reaches its machines.
pub(super) const LIBVIRT_MANAGEMENT: Ipv4Net = net([192, 168, 121, 0], 24);

/// Ranges that no cluster can use: this network, loopback, link-local, multicast and reserved.
pub(super) const UNUSABLE: &[Ipv4Net] = &[
    net([0, 0, 0, 0], 8),
    net([127, 0, 0, 0], 8),
    net([169, 254, 0, 0], 16),
    net([224, 0, 0, 0], 3),
];

/// A network that is known to be valid.
pub(super) const fn net(octets: [u8; 4], prefix: u8) -> Ipv4Net {
    let [a, b, c, d] = octets;
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

/// Whether two networks have an address in common.
pub(super) fn overlap(a: Ipv4Net, b: Ipv4Net) -> bool {
    a.contains(&b) || b.contains(&a)
}

/// What a range is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Nodes,
    Pods,
    Services,
}

impl Purpose {
    /// The key in `[network]`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Nodes => "nodes",
            Self::Pods => "pods",
            Self::Services => "services",
        }
    }

    /// The range when the file does not say; for nodes the one that `init` tries first.
    pub fn default_range(self) -> Ipv4Net {
        match self {
            Self::Nodes => net([192, 168, 56, 0], 24),
            Self::Pods => net([172, 16, 0, 0], 16),
            Self::Services => net([10, 96, 0, 0], 12),
        }
    }

    /// The first of some private ranges that has no address in common with any of `taken`.
    pub fn free(self, taken: &[Ipv4Net]) -> Option<Ipv4Net> {
        self.candidates()
            .find(|candidate| !taken.iter().any(|taken| overlap(*taken, *candidate)))
    }

    fn candidates(self) -> Box<dyn Iterator<Item = Ipv4Net>> {
        match self {
            Self::Nodes => {
                let host_only = (56..64).map(|third| net([192, 168, third, 0], 24));
                Box::new(host_only.chain((0..=255).map(|third| net([10, 210, third, 0], 24))))
            }
            Self::Pods => {
                let private = (16..32).map(|second| net([172, second, 0, 0], 16));
                Box::new(private.chain((240..=255).map(|second| net([10, second, 0, 0], 16))))
            }
            Self::Services => {
                let wide = [96, 112, 32, 48].map(|second| net([10, second, 0, 0], 12));
                let narrow = (16..32).rev().map(|second| net([172, second, 0, 0], 16));
                Box::new(wide.into_iter().chain(narrow))
            }
        }
    }
}

/// A node network that has no address in common with any of `taken`; one that `VirtualBox` allows, if there is one.
pub(super) fn free_node_network(taken: &[Ipv4Net]) -> Option<Ipv4Net> {
    Purpose::Nodes.free(taken)
}

/// Reads `FIRST-LAST`, spaces around the hyphen allowed.
pub(super) fn parse_pool(text: &str) -> Option<(Ipv4Addr, Ipv4Addr)> {
    let (first, last) = text.split_once('-')?;
    Some((first.trim().parse().ok()?, last.trim().parse().ok()?))
}

/// The longest run of host addresses of a network without any of `taken`, of at most 89 as in the course.
pub(super) fn longest_gap(net: Ipv4Net, taken: &[Ipv4Addr]) -> Option<(Ipv4Addr, Ipv4Addr)> {
    let (network, broadcast) = (u32::from(net.network()), u32::from(net.broadcast()));
    let mut edges: Vec<u32> = taken.iter().map(|address| u32::from(*address)).collect();
    edges.extend([network, broadcast]);
    edges.sort_unstable();
    let gaps = edges.windows(2).map(|pair| (pair[0], pair[1]));
    let (before, after) = gaps.max_by_key(|(before, after)| (after - before, u32::MAX - before))?;
    let last = (after.saturating_sub(1)).min(before.saturating_add(89));
    (before < last).then(|| (Ipv4Addr::from(before + 1), Ipv4Addr::from(last)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_is_symmetric_and_needs_a_common_address() {
        let (wide, narrow, other) = (
            net([10, 0, 0, 0], 8),
            net([10, 0, 2, 0], 24),
            net([11, 0, 0, 0], 8),
        );
        assert!(overlap(wide, narrow) && overlap(narrow, wide));
        assert!(!overlap(wide, other));
    }

    #[test]
    fn a_free_range_avoids_all_that_is_taken() {
        assert_eq!(Purpose::Nodes.free(&[]), Some(Purpose::Nodes.default_range()));
        assert_eq!(
            Purpose::Nodes.free(&[net([192, 168, 56, 128], 25), net([192, 168, 57, 0], 24)]),
            Some(net([192, 168, 58, 0], 24))
        );
        assert_eq!(Purpose::Nodes.free(&[net([0, 0, 0, 0], 0)]), None);
    }

    #[test]
    fn a_pool_has_two_ends() {
        let pool = Some((Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 9)));
        assert_eq!(parse_pool("10.0.0.1-10.0.0.9"), pool);
        assert_eq!(parse_pool("10.0.0.1 - 10.0.0.9"), pool);
        assert_eq!(parse_pool("10.0.0.1"), None);
        assert_eq!(parse_pool("10.0.0.0/24"), None);
        assert_eq!(parse_pool("10.0.0.1-9"), None);
    }

    #[test]
    fn the_longest_gap_is_free_of_all_addresses() {
        let address = |last| Ipv4Addr::new(10, 0, 0, last);
        let taken = [address(10), address(20), address(1)];
        assert_eq!(
            longest_gap(net([10, 0, 0, 0], 24), &taken),
            Some((address(21), address(109)))
        );
        assert_eq!(
            longest_gap(net([10, 0, 0, 0], 27), &taken),
            Some((address(21), address(30)))
        );
        assert_eq!(
            longest_gap(net([10, 0, 0, 0], 30), &[address(1), address(2)]),
            None
        );
    }
}
