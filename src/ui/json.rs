//! A run for programs.

use super::{Screen, english};
use crate::event::{Event, Listener};

/// Writes each event as one line of JSON on standard output, at once.
pub struct JsonLines(Screen);

impl JsonLines {
    /// On the standard output of `screen`.
    #[must_use]
    pub fn new(screen: &Screen) -> Self {
        Self(screen.clone())
    }
}

impl Listener for JsonLines {
    fn event(&mut self, event: &Event) {
        // A reader that went away has seen what it wanted; the run goes on without it.
        if let Ok(line) = serde_json::to_string(&english::event(event)) {
            let _ = self.0.data(&line);
        }
    }
}
