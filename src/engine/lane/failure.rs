//! A step that fails, with everything that helps to see why.

use super::{Ended, Walk, host};
use crate::engine::{Failure, Outcome, StepId};
use crate::error::Error;
use crate::plan::Step;
use crate::t;

impl Walk<'_, '_> {
    pub(super) fn fail(&self, id: &StepId, step: &Step, message: &str) -> Ended {
        self.fail_hinted(id, step, message, Vec::new())
    }

    pub(super) fn fail_with(&self, id: &StepId, step: &Step, error: &Error) -> Ended {
        let mut message = error.message.clone();
        for cause in &error.causes {
            message = t!("engine.caused", message = message, cause = cause);
        }
        let failure = Failure {
            message,
            problem: None,
            host: host_of(step),
            command: None,
            status: None,
            last_lines: error.evidence.clone(),
            hints: error.hints.iter().chain(&step.hints).cloned().collect(),
        };
        self.end(id, failure)
    }

    pub(super) fn fail_hinted(&self, id: &StepId, step: &Step, message: &str, hints: Vec<String>) -> Ended {
        let hints = hints.into_iter().chain(step.hints.iter().cloned()).collect();
        self.fail_silent(id, step, message.to_owned(), hints)
    }

    /// Fails with these hints and none of the step's own.
    pub(super) fn fail_silent(&self, id: &StepId, step: &Step, message: String, hints: Vec<String>) -> Ended {
        let failure = Failure {
            message,
            problem: None,
            host: host_of(step),
            command: None,
            status: None,
            last_lines: Vec::new(),
            hints,
        };
        self.end(id, failure)
    }

    fn end(&self, id: &StepId, failure: Failure) -> Ended {
        self.shared.narrator.finished(id, Outcome::Failed(failure));
        self.shared.board.settle(id, false);
        Ended
    }
}

/// Where a step happens, in the user's language.
fn host_of(step: &Step) -> String {
    host(step).map_or_else(|| t!("engine.this-computer"), ToString::to_string)
}
