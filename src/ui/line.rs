//! A finished step in one line.

use super::failure::hints;
use super::style::Tone;
use super::width::one_line;
use crate::event::Outcome;
use crate::names::StepName;
use crate::t;

/// `containerd: changed (containerd 1.6.20)`, the outcome in its colour. The reason of a failure is
/// left to its block.
pub fn finished(step: &StepName, outcome: &Outcome) -> String {
    let reason = match outcome {
        Outcome::Failed(_) => String::new(),
        _ => reason(outcome),
    };
    let outcome = tone(outcome).paint(&word(outcome));
    if reason.is_empty() {
        t!("ui.ended", step = step, outcome = outcome)
    } else {
        t!("ui.ended-why", step = step, outcome = outcome, reason = reason)
    }
}

/// `connect: nothing listens there` and what can be done about it, a line each.
pub fn advice(step: &StepName, advice: &str, advised: &[String]) -> String {
    let first = t!(
        "ui.advice",
        step = step,
        advice = Tone::Warn.paint(&one_line(advice))
    );
    let mut lines = vec![first];
    lines.extend(hints(advised, "  "));
    lines.join("\n")
}

/// The outcome as a word.
pub fn word(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Unchanged { .. } => t!("ui.unchanged"),
        Outcome::Changed { .. } => t!("ui.changed"),
        Outcome::Pending { .. } => t!("ui.pending"),
        Outcome::Failed(_) => t!("ui.failed"),
        Outcome::NotReached { .. } => t!("ui.not-reached"),
        Outcome::Skipped { .. } => t!("ui.skipped"),
    }
}

/// Why, in one line.
pub fn reason(outcome: &Outcome) -> String {
    one_line(match outcome {
        Outcome::Unchanged { reason }
        | Outcome::Changed { reason }
        | Outcome::Pending { reason }
        | Outcome::Skipped { reason } => reason,
        Outcome::Failed(failure) => &failure.message,
        Outcome::NotReached { because } => because,
    })
}

const fn tone(outcome: &Outcome) -> Tone {
    match outcome {
        Outcome::Unchanged { .. } | Outcome::NotReached { .. } | Outcome::Skipped { .. } => Tone::Dim,
        Outcome::Changed { .. } => Tone::Good,
        Outcome::Pending { .. } => Tone::Warn,
        Outcome::Failed(_) => Tone::Bad,
    }
}
