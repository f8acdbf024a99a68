//! How a verification is told from one that was killed: it says every few seconds in its namespace that it goes on.

use super::checks::{Checks, EMULATED};
use crate::plan::Value;
use crate::plan::steps::known;

const RUN: &str = include_str!("../../../templates/verify/alive.sh");

/// Seconds from one word to the next.
const EVERY: u64 = 5;
/// After how many seconds of silence a verification counts as killed: six of its words.
const SILENCE: u64 = 6 * EVERY;

/// The text of an exec that goes on for as long as somebody listens, on the first control plane or on this computer.
/// On `emulated` nodes, where kubectl needs seconds of processor time, it speaks as much more seldom as checks wait longer.
#[must_use]
pub fn alive(namespace: &str, emulated: bool) -> String {
    // Only a NUL cannot be quoted, and no namespace has one.
    let namespace = shlex::try_quote(namespace).map_or_else(|_| "''".to_owned(), Into::into);
    let every = EVERY * if emulated { EMULATED } else { 1 };
    format!("export NAMESPACE={namespace} EVERY={every}\n{RUN}")
}

impl Checks<'_> {
    pub(super) fn silence(&self) -> (&'static str, Value) {
        let seconds = SILENCE * if self.subject.emulated { EMULATED } else { 1 };
        ("SILENCE", known(seconds.to_string()))
    }
}
