//! The ranges in which `VirtualBox` makes host-only networks.

use super::computer::host_only_line;
use super::diagnostic::Diagnostic;
use super::document::At;
use super::network::Ranges;
use super::ranges::Purpose;
use super::{Computer, Provider};
use crate::t;

/// Reports a node network that `VirtualBox` would refuse, with the line that allows it.
///
/// Only where the file says `virtualbox`: `auto` may well find another provider.
pub(super) fn check(
    ranges: &Ranges,
    provider: &At<Provider>,
    computer: &Computer,
    problems: &mut Vec<Diagnostic>,
) {
    let Some(nodes) = &ranges.nodes else { return };
    if provider.value != Provider::Virtualbox || computer.allows_host_only(nodes.value) {
        return;
    }
    let allowed = computer.host_only_ranges.as_deref().unwrap_or_default();
    let ranges_here: Vec<String> = allowed.iter().map(ToString::to_string).collect();
    let line = host_only_line(allowed, nodes.value);
    let free = Purpose::Nodes.free(
        &computer
            .interfaces
            .iter()
            .map(|interface| interface.net)
            .collect::<Vec<_>>(),
    );
    let free = free.filter(|net| computer.allows_host_only(*net));
    let net = free.unwrap_or_else(|| Purpose::Nodes.default_range());
    problems.push(
        Diagnostic::new(
            nodes.place_or(&ranges.header),
            t!("spec.host-only", range = nodes.value),
            t!("spec.host-only-here", ranges = ranges_here.join(", ")),
        )
        .also(
            provider.at.clone(),
            t!("spec.provider-is", provider = provider.value),
        )
        .why(t!("spec.host-only-why"))
        .help(t!("spec.host-only-help", line = line, net = net)),
    );
}
