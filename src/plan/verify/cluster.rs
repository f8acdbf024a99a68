//! What the API server is asked to do, and what it has to refuse.

use super::checks::{Checks, after, id, side_by_side};
use super::script;
use crate::plan::Lane;
use crate::plan::steps::known;

impl Checks<'_> {
    /// The way of a request: who asks, what is kept, and who carries it out.
    pub(super) fn requests(&self) -> Lane {
        let namespace = || vec![self.namespace()];
        let in_namespace = |check| after(check, [id("pod", "namespace")]);
        let image = ("IMAGE", known(&self.subject.image));
        let placement = self.sample("placement", &script::VERIFY_PLACEMENT, image, 15);
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
                in_namespace(self.cluster("controller", &script::VERIFY_CONTROLLER, namespace(), 15)),
                // A node that comes back meanwhile would have room that nobody counted.
                after(placement, [id("pod", "namespace"), id("nodes", "ready")]),
            ],
        )
    }
}
