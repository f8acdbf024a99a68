//! Nodes that were waited for in vain, and what their silence explains.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{Failure, NodeName};
use crate::{t, text};

/// For how long nobody tries again to reach a node that was waited for in vain.
const HOLDS: Duration = Duration::from_secs(30);

/// Who is silent, as far as it was found out in this run.
#[derive(Default)]
pub(super) struct Silence(Mutex<BTreeMap<NodeName, Option<Found>>>);

/// What came of waiting for a node.
struct Found {
    at: Instant,
    why: String,
}

impl Silence {
    /// Notes that a node did not answer.
    pub(super) fn note(&self, node: &NodeName) {
        self.nodes().entry(node.clone()).or_default();
    }

    /// Notes that a node was waited for in vain; whether it is new that it is silent.
    pub(super) fn found(&self, node: &NodeName, why: &str) -> bool {
        let found = Found {
            at: Instant::now(),
            why: why.to_owned(),
        };
        self.nodes().insert(node.clone(), Some(found)).is_none()
    }

    /// Whether a node did not answer before.
    pub(super) fn has(&self, node: &NodeName) -> bool {
        self.nodes().contains_key(node)
    }

    /// What came of waiting for a node a moment ago, which nobody has to find out again.
    pub(super) fn lately(&self, node: &NodeName) -> Option<String> {
        let nodes = self.nodes();
        let found = nodes.get(node)?.as_ref()?;
        (found.at.elapsed() < HOLDS).then(|| found.why.clone())
    }

    /// A node may answer now: it was switched on, say.
    pub(super) fn try_again(&self, node: &NodeName) {
        if let Some(found) = self.nodes().get_mut(node) {
            *found = None;
        }
    }

    /// Puts the silence of nodes before all other causes of what failed elsewhere. Where it was seen that one of them
    /// is concerned, the others would lead astray.
    pub(super) fn explain(&self, failure: &mut Failure) {
        let nodes = self.nodes();
        let is = |node: &NodeName| node.as_str() == failure.host;
        // What failed on such a node itself has been explained.
        if nodes.is_empty() || nodes.keys().any(is) {
            return;
        }
        let said = format!(
            "{}\n{}",
            text::english(&failure.message),
            failure.last_lines.join("\n")
        );
        if nodes.keys().any(|node| names(&said, node.as_str())) {
            failure.hints.clear();
        }
        let names: Vec<&str> = nodes.keys().map(NodeName::as_str).collect();
        let hint = t!("engine.silence", hosts = names.join(", "));
        failure.hints.insert(0, hint);
    }

    fn nodes(&self) -> MutexGuard<'_, BTreeMap<NodeName, Option<Found>>> {
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
