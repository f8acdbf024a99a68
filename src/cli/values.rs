//! Values of options that clap would judge in English only.

use std::net::SocketAddr;

use crate::t;

/// A day: nobody waits longer for one check, or for the next look at a cluster.
const MOST_SECONDS: u64 = 86_400;

pub(super) fn seconds(text: &str) -> Result<u64, String> {
    let seconds = text.parse().ok();
    seconds
        .filter(|seconds| (1..=MOST_SECONDS).contains(seconds))
        .ok_or_else(|| t!("usage.seconds", most = MOST_SECONDS))
}

pub(super) fn listen(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| t!("usage.listen"))
}
