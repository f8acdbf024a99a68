//! The one voice of a run: puts events in order, gives them times and keeps the sum of them.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::silence::Silence;
use super::{Event, Kind, Listener, Outcome, Report, StepId, Summary};
use crate::event::LaneOutline;
use crate::problems;
use crate::text;
use crate::transport::Hearer;

/// Shared by all lanes.
pub(super) struct Narrator<'a> {
    started: Instant,
    /// What explains failures of a proof; of other runs it explains nothing.
    pub silence: Silence,
    proves: bool,
    state: Mutex<State<'a>>,
}

struct State<'a> {
    listener: &'a mut dyn Listener,
    /// The step that ended last.
    last: Option<StepId>,
    /// The step whose end let the lanes that come last begin; until one of their steps has begun.
    turned: Option<StepId>,
    begun: HashMap<StepId, u64>,
    ended: HashMap<StepId, (Outcome, Duration)>,
}

impl<'a> Narrator<'a> {
    pub(super) fn new(listener: &'a mut dyn Listener, proves: bool) -> Self {
        Self {
            started: Instant::now(),
            silence: Silence::default(),
            proves,
            state: Mutex::new(State {
                listener,
                last: None,
                turned: None,
                begun: HashMap::new(),
                ended: HashMap::new(),
            }),
        }
    }

    pub(super) fn run_started(&self, command: &str, cluster: &str, lanes: Vec<LaneOutline>) {
        self.tell(Kind::RunStarted {
            command: command.to_owned(),
            cluster: cluster.to_owned(),
            lanes,
        });
    }

    /// All lanes are over; what begins now was waiting for the last of them.
    pub(super) fn turn(&self) {
        let mut state = self.lock();
        let state = &mut *state;
        state.turned.clone_from(&state.last);
    }

    /// A step begins, or begins anew after it waited for another lane.
    pub(super) fn started(&self, step: &StepId, released_by: Option<StepId>) {
        let turned = self.lock().turned.take();
        let released_by = released_by.or(turned);
        let at = self.tell(Kind::StepStarted {
            step: step.clone(),
            released_by,
        });
        self.lock().begun.insert(step.clone(), at);
    }

    pub(super) fn waiting(&self, step: &StepId, reason: &str) {
        self.tell(Kind::StepWaiting {
            step: step.clone(),
            reason: reason.to_owned(),
        });
    }

    pub(super) fn advice(&self, step: &StepId, advice: &str, hints: &[String]) {
        self.tell(Kind::StepAdvice {
            step: step.clone(),
            advice: advice.to_owned(),
            hints: hints.to_vec(),
        });
    }

    pub(super) fn progress(&self, step: &StepId, done: u64, total: u64) {
        self.tell(Kind::StepProgress {
            step: step.clone(),
            done,
            total,
        });
    }

    pub(super) fn output(&self, step: &StepId, line: &str) {
        self.tell(Kind::StepOutput {
            step: step.clone(),
            line: line.to_owned(),
        });
    }

    pub(super) fn finished(&self, step: &StepId, mut outcome: Outcome) {
        if let Outcome::Failed(failure) = &mut outcome {
            let message = text::english(&failure.message);
            let said = format!("{message}\n{}", failure.last_lines.join("\n"));
            failure.problem = problems::in_text(&said).first().map(|problem| problem.id.clone());
            if self.proves {
                self.silence.explain(failure);
            }
        }
        let mut state = self.lock();
        let at_ms = self.now();
        let took_ms = state.begun.get(step).map_or(0, |begun| at_ms - begun);
        state.last = Some(step.clone());
        state
            .ended
            .insert(step.clone(), (outcome.clone(), Duration::from_millis(took_ms)));
        state.listener.event(&Event {
            at_ms,
            kind: Kind::StepFinished {
                step: step.clone(),
                outcome,
                took_ms,
            },
        });
    }

    /// Whether a step has ended.
    pub(super) fn has_ended(&self, step: &StepId) -> bool {
        self.lock().ended.contains_key(step)
    }

    /// The last event, and the sum of all of them with the steps in the order of `order`.
    pub(super) fn run_finished(self, order: &[StepId], interrupted: bool) -> Report {
        let took_ms = self.now();
        let mut state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        let outcomes: Vec<_> = order
            .iter()
            .filter_map(|id| {
                state
                    .ended
                    .remove(id)
                    .map(|(outcome, took)| (id.clone(), outcome, took))
            })
            .collect();
        let mut summary = Summary {
            interrupted,
            took_ms,
            ..Summary::default()
        };
        for (_, outcome, _) in &outcomes {
            *match outcome {
                Outcome::Unchanged { .. } => &mut summary.unchanged,
                Outcome::Changed { .. } => &mut summary.changed,
                Outcome::Pending { .. } => &mut summary.pending,
                Outcome::Failed(_) => &mut summary.failed,
                Outcome::NotReached { .. } => &mut summary.not_reached,
                Outcome::Skipped { .. } => &mut summary.skipped,
            } += 1;
        }
        state.listener.event(&Event {
            at_ms: took_ms,
            kind: Kind::RunFinished { summary },
        });
        Report {
            summary,
            outcomes,
            published: Vec::new(),
        }
    }

    fn tell(&self, kind: Kind) -> u64 {
        let mut state = self.lock();
        let at_ms = self.now();
        state.listener.event(&Event { at_ms, kind });
        at_ms
    }

    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State<'a>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells on what work on this computer says of itself.
pub(super) struct Overheard<'a, 'r> {
    pub narrator: &'a Narrator<'r>,
    pub id: &'a StepId,
}

impl Hearer for Overheard<'_, '_> {
    fn line(&mut self, line: &str) {
        self.narrator.output(self.id, line);
    }

    fn progress(&mut self, done: u64, total: u64) {
        self.narrator.progress(self.id, done, total);
    }
}
