//! What the API server is asked to do, and what it has to refuse.

use super::checks::{Checks, after, id, side_by_side};
use super::script;
use crate::plan::Lane;
use crate::plan::steps::known;

/// Seconds for what a scheduler or a controller manager does that may have just started: it begins when the lease of the
/// one before it has run out, which lasts 15 s and is looked at every 2 s (their defaults of leader election).
const TAKES_OVER: u64 = 30;

impl Checks<'_> {
    /// The way of a request: who asks, what is kept, and who carries it out.
    pub(super) fn requests(&self) -> Lane {
        let namespace = || vec![self.namespace()];
        let in_namespace = |check| after(check, [id("pod", "namespace")]);
        let image = ("IMAGE", known(&self.subject.image));
        let placement = self.sample("placement", &script::VERIFY_PLACEMENT, image, TAKES_OVER);
        side_by_side(
            "requests",
            vec![
                self.after_api(self.cluster("anonymous", &script::VERIFY_ANONYMOUS, Vec::new(), 5)),
                in_namespace(self.cluster("unprivileged", &script::VERIFY_UNPRIVILEGED, namespace(), 10)),
                in_namespace(self.sample(
                    "write",
                    &script::VERIFY_WRITE,
                    ("RUN", known(&self.settings.run)),
                    10,
                )),
                in_namespace(self.cluster("controller", &script::VERIFY_CONTROLLER, namespace(), TAKES_OVER)),
                // A node that comes back meanwhile would have room that nobody counted.
                after(placement, [id("pod", "namespace"), id("nodes", "ready")]),
            ],
        )
    }
}
