//! Every node's part of the pod range.

use std::net::Ipv4Addr;
use std::ops::Range;

use ipnet::Ipv4Net;

use super::diagnostic::Diagnostic;
use super::document::At;
use crate::t;

/// The prefix of a node's part of the pod range, which is also kubeadm's default.
const NODE_PREFIX: u8 = 24;

/// A part of the pod range for every node, in the order of their addresses here.
///
/// The part is the one whose number is the node's number in the node network: m-k8s with the address .10 has
/// 172.16.10.0/24. So a range stays a node's own when other nodes come and go. Where some number is too
/// large for that, nodes are numbered in the order of the list.
pub(super) fn assign(
    pods: &At<Ipv4Net>,
    nodes: &At<Ipv4Net>,
    addresses: &[Ipv4Addr],
    header: &Range<usize>,
    problems: &mut Vec<Diagnostic>,
) -> Option<Vec<Ipv4Net>> {
    let parts = 1_u64 << NODE_PREFIX.saturating_sub(pods.value.prefix_len());
    if parts < addresses.len() as u64 {
        let message = t!(
            "spec.pods-small",
            range = pods.value,
            parts = parts,
            nodes = addresses.len()
        );
        problems.push(
            Diagnostic::new(
                pods.place_or(header),
                message,
                t!("spec.pods-small-here", parts = parts),
            )
            .why(t!("spec.pods-small-why"))
            .help(t!("spec.write-in-network", line = "pods = \"172.16.0.0/16\"")),
        );
        return None;
    }
    let hosts = addresses
        .iter()
        .map(|address| u32::from(*address) & u32::from(nodes.value.hostmask()));
    let hosts: Vec<_> = hosts.collect();
    let by_host = hosts.iter().all(|host| u64::from(*host) < parts);
    let numbers = hosts
        .iter()
        .zip(0..)
        .map(|(host, place)| if by_host { *host } else { place });
    let base = u32::from(pods.value.network());
    Some(
        numbers
            .filter_map(|number| {
                Ipv4Net::new((base + (number << (32 - NODE_PREFIX))).into(), NODE_PREFIX).ok()
            })
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(pods: &str, nodes: &str, addresses: &[&str]) -> Option<Vec<String>> {
        let range = |text: &str| At::default_of(text.parse().unwrap());
        let addresses: Vec<_> = addresses.iter().map(|text| text.parse().unwrap()).collect();
        let parts = assign(&range(pods), &range(nodes), &addresses, &(0..0), &mut Vec::new())?;
        Some(parts.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_nodes_number_in_its_network_numbers_its_pods() {
        let addresses = ["192.168.1.10", "192.168.1.101"];
        assert_eq!(
            parts("172.16.0.0/16", "192.168.1.0/24", &addresses).unwrap(),
            ["172.16.10.0/24", "172.16.101.0/24"]
        );
        // The order changes nothing.
        let reversed = ["192.168.1.101", "192.168.1.10"];
        assert_eq!(
            parts("172.16.0.0/16", "192.168.1.0/24", &reversed).unwrap(),
            ["172.16.101.0/24", "172.16.10.0/24"]
        );
    }

    #[test]
    fn numbers_that_do_not_fit_are_counted_instead() {
        assert_eq!(
            parts(
                "172.16.0.0/23",
                "192.168.1.0/24",
                &["192.168.1.10", "192.168.1.101"]
            )
            .unwrap(),
            ["172.16.0.0/24", "172.16.1.0/24"]
        );
        assert_eq!(
            parts("172.16.0.0/16", "10.1.0.0/16", &["10.1.0.10", "10.1.7.1"]).unwrap(),
            ["172.16.0.0/24", "172.16.1.0/24"]
        );
        assert_eq!(
            parts("172.16.0.0/24", "10.1.0.0/16", &["10.1.0.10", "10.1.7.1"]),
            None
        );
    }
}
