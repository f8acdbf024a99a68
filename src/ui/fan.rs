//! Several listeners in the place of one, and one that remembers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::event::{Event, Kind, Listener, StepId};

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

/// Keeps the events that a summary, a report and a timeline are made of: all but progress, and of the output of
/// each step no more than a reader wants.
///
/// Clones share what they hold, so that one can listen while its owner reads.
#[derive(Debug, Clone, Default)]
pub struct Transcript(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    events: Vec<Event>,
    /// How many lines of each step's output there are.
    lines: HashMap<StepId, usize>,
}

/// As many lines of a step's output as a report shows.
const LINES: usize = 40;

impl Transcript {
    /// The events so far.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .events
            .clone()
    }
}

impl Listener for Transcript {
    fn event(&mut self, event: &Event) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &event.kind {
            Kind::StepProgress { .. } => return,
            Kind::StepOutput { step, .. } => {
                let lines = kept.lines.entry(step.clone()).or_default();
                *lines += 1;
                if *lines > LINES {
                    return;
                }
            }
            _ => {}
        }
        kept.events.push(event.clone());
    }
}
