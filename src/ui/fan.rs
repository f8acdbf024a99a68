//! Several listeners in the place of one, and one that remembers.

use std::sync::{Arc, Mutex, PoisonError};

use crate::event::{Event, Kind, Listener};

/// Hands every event to each of its listeners, in the order in which they were added.
#[derive(Default)]
pub struct Fan(Vec<Box<dyn Listener>>);

impl Fan {
    /// With one listener more.
    #[must_use]
    pub fn and(mut self, listener: impl Listener + 'static) -> Self {
        self.0.push(Box::new(listener));
        self
    }
}

impl Listener for Fan {
    fn event(&mut self, event: &Event) {
        for listener in &mut self.0 {
            listener.event(event);
        }
    }
}

/// Keeps the events that a summary, a report and a timeline are made of: all but output and progress.
///
/// Clones share what they hold, so that one can listen while its owner reads.
#[derive(Debug, Clone, Default)]
pub struct Transcript(Arc<Mutex<Vec<Event>>>);

impl Transcript {
    /// The events so far.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Listener for Transcript {
    fn event(&mut self, event: &Event) {
        if !matches!(event.kind, Kind::StepOutput { .. } | Kind::StepProgress { .. }) {
            let mut events = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            events.push(event.clone());
        }
    }
}
