//! One thread's work: the steps of a lane, in order.

use std::time::Duration;

use super::board::Gates;
use super::run::Shared;
use super::{Cancel, NodeName, Outcome, StepId};
use crate::plan::{Action, Lane, Step};
use crate::t;

mod failure;
mod machine;
mod patience;
mod scripts;
mod workstation;

/// Pause between two attempts to reach a node, or two looks at this computer.
const PAUSE: Duration = Duration::from_millis(100);

/// A lane on its way.
pub(super) struct Walk<'a, 'r> {
    pub shared: &'a Shared<'r>,
    pub lane: &'a Lane,
    pub cancel: &'a Cancel,
}

/// Why a lane ends early.
struct Ended;

impl Walk<'_, '_> {
    /// Walks the lane. Whatever happens, each of its steps has ended afterwards.
    pub(super) fn to_the_end(&self) {
        if self.walk().is_ok() {
            return;
        }
        let ended = |step: &&Step| self.shared.narrator.has_ended(&self.id(step));
        let because = match self.lane.steps.iter().rev().find(ended) {
            Some(step) if !self.cancel.is_cancelled() => self.needs(&self.id(step)),
            _ => t!("engine.interrupted"),
        };
        for step in self.lane.steps.iter().filter(|step| !ended(step)) {
            self.not_reached(&self.id(step), because.clone());
        }
    }

    fn walk(&self) -> Result<(), Ended> {
        let mut at = 0;
        let mut primed = None;
        while let Some(step) = self.lane.steps.get(at) {
            if self.cancel.is_cancelled() {
                return Err(Ended);
            }
            let done = match &step.action {
                Action::Boot(node) => self.boot(step, node).map(|()| at + 1),
                Action::Connect(node, refused) => self.connect(step, node, *refused).map(|()| at + 1),
                Action::Workstation(work) => self.workstation(step, work).map(|()| at + 1),
                Action::Skip(reason) => self.skip(step, reason).map(|()| at + 1),
                Action::Script(node, _) => self.scripts(at, node, primed.take()).map(|(next, given)| {
                    primed = given;
                    next
                }),
            };
            at = match done {
                Ok(next) => next,
                Err(Ended) if self.lane.independent => self.after_failure(at).ok_or(Ended)?,
                Err(Ended) => return Err(Ended),
            };
        }
        Ok(())
    }

    /// Where a lane of independent steps goes on: at the first step that has not ended.
    fn after_failure(&self, at: usize) -> Option<usize> {
        if self.cancel.is_cancelled() {
            return None;
        }
        let not_ended = |step: &Step| !self.shared.narrator.has_ended(&self.id(step));
        let next = self
            .lane
            .steps
            .iter()
            .position(not_ended)
            .unwrap_or(self.lane.steps.len());
        // A step that failed without an end of its own would be tried for ever.
        (next > at).then_some(next)
    }

    /// Waits until the gates of a step hold. A step that has to wait begins when it need not any more.
    fn gates(&self, step: &Step) -> Result<(), Ended> {
        let id = self.id(step);
        let open = self.shared.board.open(&step.after, &step.once_over);
        if open.is_empty() {
            return Ok(());
        }
        self.shared.narrator.started(&id, None);
        let names: Vec<String> = open.iter().map(ToString::to_string).collect();
        self.shared
            .narrator
            .waiting(&id, &t!("engine.waits-for", steps = names.join(", ")));
        match self.shared.board.wait(&step.after, &step.once_over, self.cancel) {
            Gates::Hold(last) => {
                self.shared.narrator.started(&id, last);
                Ok(())
            }
            Gates::Broken(gate) => {
                self.not_reached(&id, t!("engine.needs", step = gate));
                Err(Ended)
            }
            Gates::Cancelled => Err(Ended),
        }
    }

    /// The step of this lane that has this name.
    fn step(&self, id: &StepId) -> &Step {
        let named = |step: &&Step| step.name == id.step;
        self.lane.steps.iter().find(named).unwrap_or(&self.lane.steps[0])
    }

    fn id(&self, step: &Step) -> StepId {
        step.id(&self.lane.name)
    }

    fn hold(&self, id: &StepId, outcome: Outcome) {
        self.shared.narrator.finished(id, outcome);
        self.shared.board.settle(id, true);
    }

    /// Of a check that waited in vain nobody says that it failed: it is skipped.
    fn not_reached(&self, id: &StepId, because: String) {
        let outcome = if self.shared.plan.proves && !self.cancel.is_cancelled() {
            Outcome::Skipped { reason: because }
        } else {
            Outcome::NotReached { because }
        };
        self.shared.narrator.finished(id, outcome);
        self.shared.board.settle(id, false);
    }

    /// A check that cannot be made here. What builds on it cannot be made either.
    fn skip(&self, step: &Step, reason: &str) -> Result<(), Ended> {
        let id = self.id(step);
        let reason = reason.to_owned();
        self.shared.narrator.finished(&id, Outcome::Skipped { reason });
        self.shared.board.settle(&id, false);
        Err(Ended)
    }

    /// That the step `id` of this lane stands in the way.
    fn needs(&self, id: &StepId) -> String {
        if self.shared.plan.proves {
            t!("engine.needs", step = id)
        } else {
            t!("engine.needs", step = id.step)
        }
    }
}

fn host(step: &Step) -> Option<&NodeName> {
    match &step.action {
        Action::Script(node, _) | Action::Boot(node) | Action::Connect(node, _) => Some(node),
        Action::Workstation(_) | Action::Skip(_) => None,
    }
}
