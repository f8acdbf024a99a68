//! When each step of a run was, and the chain of steps that made it as long as it was.

mod critical;
mod html;
mod text;

use std::collections::HashMap;

use super::line;
use super::titles::Titles;
use crate::event::{Event, Kind, Outcome, StepId};

/// A step from its begin to its end.
#[derive(Debug, Clone)]
pub struct Span {
    /// The step.
    pub step: StepId,
    /// Its title in the user's language.
    pub title: String,
    /// When it began, in milliseconds since the run began.
    pub start_ms: u64,
    /// When it ended, likewise.
    pub end_ms: u64,
    /// How it ended.
    pub outcome: Outcome,
    /// The step of another lane whose end it waited for, if it waited.
    pub released_by: Option<StepId>,
}

impl Span {
    /// How long it took, in milliseconds.
    #[must_use]
    pub const fn took_ms(&self) -> u64 {
        self.end_ms.saturating_sub(self.start_ms)
    }

    fn reason(&self) -> String {
        line::reason(&self.outcome)
    }
}

/// A time in which no step of the critical path was at work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The step that had ended; `None` for the begin of the run.
    pub after: Option<StepId>,
    /// The step that had not begun; `None` for the end of the run.
    pub before: Option<StepId>,
    /// How long, in milliseconds.
    pub ms: u64,
}

/// The spans of a finished run, lane after lane, and its critical path.
#[derive(Debug, Clone, Default)]
pub struct Timeline {
    /// The command, such as `up`.
    pub command: String,
    /// The cluster's name.
    pub cluster: String,
    /// The steps that were begun and ended, in the order of the plan's lanes, by time in each.
    pub spans: Vec<Span>,
    /// The chain of steps each of which was waited for by the next, from the first to the last.
    pub critical: Vec<StepId>,
    /// The waits between them, before the first and after the last; those of 0 ms are left out.
    pub gaps: Vec<Gap>,
    /// Milliseconds from the first event to the last.
    pub wall_ms: u64,
    /// Milliseconds that the steps of the critical path took together.
    pub critical_ms: u64,
}

impl Timeline {
    /// The timeline of the run of which `events` tell, in their order. Steps that were not reached
    /// have no span.
    #[must_use]
    pub fn from_events(events: &[Event]) -> Self {
        let mut timeline = Self {
            wall_ms: events.iter().map(|event| event.at_ms).max().unwrap_or_default(),
            ..Self::default()
        };
        let mut titles = Titles::default();
        let mut order = HashMap::new();
        let mut running = HashMap::new();
        for event in events {
            match &event.kind {
                Kind::RunStarted {
                    command,
                    cluster,
                    lanes,
                } => {
                    timeline.command.clone_from(command);
                    timeline.cluster.clone_from(cluster);
                    titles = Titles::new(lanes);
                    order = lanes.iter().enumerate().map(|(at, it)| (&it.lane, at)).collect();
                }
                Kind::StepStarted { step, released_by } => {
                    running.insert(step, (event.at_ms, released_by));
                }
                Kind::StepFinished { step, outcome, .. } => {
                    if let Some((start_ms, released_by)) = running.remove(step) {
                        timeline.spans.push(Span {
                            step: step.clone(),
                            title: titles.of(step).to_owned(),
                            start_ms,
                            end_ms: event.at_ms,
                            outcome: outcome.clone(),
                            released_by: released_by.clone(),
                        });
                    }
                }
                _ => {}
            }
        }
        // Stable, so that the steps of a lane stay in the order in which they ended.
        timeline
            .spans
            .sort_by_key(|span| order.get(&span.step.lane).copied().unwrap_or(usize::MAX));
        critical::find(&mut timeline);
        timeline
    }

    /// Whether the step is on the critical path.
    #[must_use]
    pub fn is_critical(&self, step: &StepId) -> bool {
        self.critical.contains(step)
    }

    /// A chart for a terminal of `columns`: a line a step, those of the critical path marked with
    /// `*` and drawn with `#`. Without a line end.
    #[must_use]
    pub fn to_text(&self, columns: usize) -> String {
        text::draw(self, columns)
    }

    /// The same as a page that stands alone: no script, no request, light and dark, wide and narrow.
    #[must_use]
    pub fn to_html(&self) -> String {
        html::draw(self)
    }
}

pub(super) use html::fill;
