//! How a verification is told from one that was killed: it says every few seconds in its namespace that it goes on.

use super::checks::{Checks, EMULATED};
use crate::plan::Value;
use crate::plan::steps::known;

const RUN: &str = include_str!("../../../templates/verify/alive.sh");

/// After how many seconds of silence a verification counts as killed: six of its words.
const SILENCE: u64 = 30;

/// The text of an exec that goes on for as long as somebody listens, on the first control plane or on this computer.
#[must_use]
pub fn alive(namespace: &str) -> String {
    // Only a NUL cannot be quoted, and no namespace has one.
    let namespace = shlex::try_quote(namespace).map_or_else(|_| "''".to_owned(), Into::into);
    format!("export NAMESPACE={namespace}\n{RUN}")
}

impl Checks<'_> {
    pub(super) fn silence(&self) -> (&'static str, Value) {
        let seconds = SILENCE * if self.subject.emulated { EMULATED } else { 1 };
        ("SILENCE", known(seconds.to_string()))
    }
}
