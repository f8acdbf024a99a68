//! Where a node's runtime asks what the tag of an image stands for.

use super::{Build, known, step};
use crate::plan::Step;
use crate::plan::script;
use crate::spec::Node;

/// What answers on a node for the images that it has.
const PROGRAM: &str = include_str!("../../../templates/local-registry/local-registry.sh");
/// The same by name, for a look at it.
pub(in crate::plan) const FILE: (&str, &str) = ("local-registry/local-registry.sh", PROGRAM);
/// Where it listens on the loopback interface: below the ports of Services (30000 to 32767) and those that Linux gives
/// by itself (from 32768), and none of Kubernetes' own.
const PORT: &str = "5020";

impl Build<'_> {
    /// Whom the runtime asks before any registry, as base URLs, one a line.
    pub(super) fn mirrors(&self, node: &Node) -> String {
        let own = self.answers(node).then(|| format!("http://127.0.0.1:{PORT}"));
        let mirrors = self.spec.artifacts.registry_mirrors.iter().cloned();
        own.into_iter().chain(mirrors).collect::<Vec<_>>().join("\n")
    }

    /// A registry on the node itself, for the images that the config names.
    pub(in crate::plan) fn local_registry(&self, node: &Node) -> Option<Step> {
        self.answers(node).then(|| {
            step(
                script::LOCAL_REGISTRY.name,
                node,
                &script::LOCAL_REGISTRY,
                vec![
                    ("RUNTIME", known(self.spec.runtime.name())),
                    ("IMAGES", known(self.supplies.own_images.join("\n"))),
                    ("PROGRAM", known(PROGRAM.trim_end())),
                    ("PORT", known(PORT)),
                ],
            )
        })
    }

    fn answers(&self, node: &Node) -> bool {
        self.works(node) && !self.supplies.own_images.is_empty()
    }
}
