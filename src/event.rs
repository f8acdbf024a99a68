//! What a run says while it goes on.
//!
//! The engine emits events and never prints; a screen, a log and a report are made of the same stream.
//! Nothing secret is ever part of an event.

use std::time::Duration;

use serde::Serialize;

use crate::names::{LaneName, StepName};

/// Something that happened, and when.
#[derive(Debug, Clone, Serialize)]
pub struct Event {
    /// Milliseconds since the run began.
    pub at_ms: u64,
    /// What happened.
    #[serde(flatten)]
    pub kind: Kind,
}

/// What happened.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Kind {
    /// The run begins. Always the first event.
    RunStarted {
        /// The command, such as `up`.
        command: String,
        /// The cluster's name.
        cluster: String,
        /// The lanes in the plan's order, each with its steps in order.
        lanes: Vec<LaneOutline>,
    },
    /// A step begins: the time before was spent waiting for other lanes or for a free place to boot.
    StepStarted {
        /// The step.
        #[serde(flatten)]
        step: StepId,
        /// The step whose end it was waiting for last, if it waited for another lane's.
        #[serde(skip_serializing_if = "Option::is_none")]
        released_by: Option<StepId>,
    },
    /// A step that has begun waits until something is true; said again when the reason changes.
    StepWaiting {
        /// The step.
        #[serde(flatten)]
        step: StepId,
        /// What it sees instead of what it waits for.
        reason: String,
    },
    /// A step that waits may well wait in vain; said once, with what somebody can do meanwhile.
    StepAdvice {
        /// The step.
        #[serde(flatten)]
        step: StepId,
        /// What is the matter, and how long it is waited for.
        advice: String,
        /// What somebody can do, the likeliest first.
        hints: Vec<String>,
    },
    /// How far a long transfer is.
    StepProgress {
        /// The step.
        #[serde(flatten)]
        step: StepId,
        /// Bytes done.
        done: u64,
        /// Bytes in all.
        total: u64,
    },
    /// A line that the step's program wrote; kept in the log, not shown on the screen.
    StepOutput {
        /// The step.
        #[serde(flatten)]
        step: StepId,
        /// The line, without its end.
        line: String,
    },
    /// A step ends.
    StepFinished {
        /// The step.
        #[serde(flatten)]
        step: StepId,
        /// How.
        #[serde(flatten)]
        outcome: Outcome,
        /// Milliseconds since its `StepStarted`; 0 for a step that was not reached.
        took_ms: u64,
    },
    /// The run ends. Always the last event.
    RunFinished {
        /// How.
        #[serde(flatten)]
        summary: Summary,
    },
}

/// A lane and its steps, as a screen needs them before anything happens.
#[derive(Debug, Clone, Serialize)]
pub struct LaneOutline {
    /// The lane.
    pub lane: LaneName,
    /// Its steps in order: name, and title in the user's language.
    pub steps: Vec<(StepName, String)>,
}

/// Which step of which lane.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct StepId {
    /// The lane.
    pub lane: LaneName,
    /// The step in it.
    pub step: StepName,
}

impl std::fmt::Display for StepId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.lane, self.step)
    }
}

/// How a step ended.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Outcome {
    /// It held already; with what the check saw.
    Unchanged {
        /// What the check saw.
        reason: String,
    },
    /// It was made to hold; with what the check saw afterwards.
    Changed {
        /// What the check saw afterwards.
        reason: String,
    },
    /// A dry run found that it does not hold.
    Pending {
        /// What the check saw.
        reason: String,
    },
    /// It does not hold and could not be made to.
    Failed(Failure),
    /// A check that cannot be made here, or that a check which it builds on stands in the way of.
    Skipped {
        /// Why.
        reason: String,
    },
    /// A step before it, or one that it needs, failed; or the run was interrupted.
    NotReached {
        /// What stood in the way.
        because: String,
    },
}

/// A failure with its evidence.
#[derive(Debug, Clone, Serialize)]
pub struct Failure {
    /// What is wrong, in one sentence.
    pub message: String,
    /// The id of the known problem that it is, if it is one; see [`problems`](crate::problems).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// The host it was seen on.
    pub host: String,
    /// The program or script that failed, if one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// Its exit status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<i32>,
    /// The last lines that it wrote.
    pub last_lines: Vec<String>,
    /// What to do next, the likeliest first.
    pub hints: Vec<String>,
}

/// What came of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Steps that held already.
    pub unchanged: usize,
    /// Steps that were made to hold.
    pub changed: usize,
    /// Steps that a dry run found wanting.
    pub pending: usize,
    /// Steps that failed.
    pub failed: usize,
    /// Steps that were not reached.
    pub not_reached: usize,
    /// Checks that were skipped for a reason.
    pub skipped: usize,
    /// Whether the user interrupted it.
    pub interrupted: bool,
    /// Milliseconds from the first event to the last.
    pub took_ms: u64,
}

impl Event {
    /// The time since the run began.
    #[must_use]
    pub const fn at(&self) -> Duration {
        Duration::from_millis(self.at_ms)
    }
}

/// Who listens to events. Called from one thread at a time, in the order of the events.
pub trait Listener: Send {
    /// Takes note of an event. Must not block for long: every lane waits meanwhile.
    fn event(&mut self, event: &Event);
}
