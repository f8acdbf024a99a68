//! What a cluster offers to its pods.

use super::checks::{Checks, after, id, side_by_side};
use super::script;
use crate::plan::Lane;
use crate::plan::steps::known;

impl Checks<'_> {
    /// Names.
    pub(super) fn dns(&self) -> Lane {
        let domain = vec![("DNS_DOMAIN", known(&self.subject.dns_domain))];
        // coredns takes a while after the nodes are Ready, and for ever when they are not.
        let dns = after(
            self.on_first("dns", &script::VERIFY_DNS, domain, 60),
            [id("nodes", "ready")],
        );
        side_by_side("dns", vec![dns])
    }
}
