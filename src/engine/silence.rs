//! Nodes that were waited for in vain, and what their silence explains.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Failure, NodeName};
use crate::{t, text};

/// Who is silent, as far as it was found out in this run.
#[derive(Default)]
pub(super) struct Silence(Mutex<BTreeSet<NodeName>>);

impl Silence {
    /// Notes that a node was waited for in vain; whether that is new.
    pub(super) fn note(&self, node: &NodeName) -> bool {
        self.nodes().insert(node.clone())
    }

    /// Whether a node was waited for in vain.
    pub(super) fn has(&self, node: &NodeName) -> bool {
        self.nodes().contains(node)
    }

    /// Puts the silence of nodes before all other causes of what failed elsewhere. Where it was seen that one of them
    /// is concerned, the others would lead astray.
    pub(super) fn explain(&self, failure: &mut Failure) {
        let nodes = self.nodes();
        let is = |node: &NodeName| node.as_str() == failure.host;
        // What failed on such a node itself has been explained.
        if nodes.is_empty() || nodes.iter().any(is) {
            return;
        }
        let said = format!(
            "{}\n{}",
            text::english(&failure.message),
            failure.last_lines.join("\n")
        );
        if nodes.iter().any(|node| names(&said, node.as_str())) {
            failure.hints.clear();
        }
        let names: Vec<&str> = nodes.iter().map(NodeName::as_str).collect();
        let hint = t!("engine.silence", hosts = names.join(", "));
        failure.hints.insert(0, hint);
    }

    fn nodes(&self) -> MutexGuard<'_, BTreeSet<NodeName>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a text has this name, as a word of its own.
fn names(text: &str, name: &str) -> bool {
    let of_a_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
    text.split(|c| !of_a_name(c)).any(|word| word == name)
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn a_name_is_a_word_of_its_own() {
        for text in [
            "pod nginx on w1: Pending",
            "w1/nginx/172.16.0.4",
            "w1에서 멈춤",
            "w1",
        ] {
            assert!(names(text, "w1"), "{text}");
        }
        for text in ["on w10", "on big-w1", "w1-k8s", ""] {
            assert!(!names(text, "w1"), "{text}");
        }
    }
}
