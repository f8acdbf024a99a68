//! Ports of this computer, through which Vagrant reaches machines of `VirtualBox`.

use super::Severity::Stops;
use super::{Depth, Examination, Port};
use crate::spec::Provider;
use crate::t;

/// The first that Vagrant takes, and those among which it chooses when that one is taken (`usable_port_range`).
const FIRST: u16 = 2222;
const OTHERS: std::ops::RangeInclusive<u16> = 2200..=2250;

/// Vagrant passes over a port at which somebody answers. One that the system keeps, as Windows does for its own virtual
/// machines, it takes for free, and the machine is never reached.
pub(super) fn check(examination: &mut Examination) {
    if examination.provider != Some(Provider::Virtualbox) || examination.depth == Depth::Quick {
        return;
    }
    // Machines that are there hold their ports themselves.
    if examination.is_known() {
        return;
    }
    let host = examination.host;
    let wanted = examination.spec.nodes.len();
    let (mut free, mut unknown) = (0, 0);
    for port in std::iter::once(FIRST).chain(OTHERS.filter(|port| *port != FIRST)) {
        match host.port(port) {
            Some(Port::Free) => free += 1,
            Some(Port::Taken) => {}
            Some(Port::Kept) => {
                examination.find("KP-NET-003", Stops, format!("127.0.0.1:{port}"));
                return;
            }
            None => unknown += 1,
        }
        if free == wanted {
            return;
        }
    }
    if unknown == 0 {
        let seen = t!("doctor.seen-ports", wanted = wanted, there = free);
        examination.find("KP-NET-003", Stops, seen);
    }
}
