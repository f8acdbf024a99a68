//! The text at the end of a run.

use std::path::Path;

use super::style::Tone;
use super::titles::Titles;
use super::width::{left, one_line, width};
use super::{amount, failure, log_path};
use crate::event::{Event, Kind, Outcome, StepId, Summary};
use crate::names::LaneName;
use crate::t;

/// How many steps ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts(Summary);

impl From<Summary> for Counts {
    fn from(summary: Summary) -> Self {
        Self(summary)
    }
}

impl Counts {
    /// Counts one more.
    pub const fn add(&mut self, outcome: &Outcome) {
        let count = match outcome {
            Outcome::Unchanged { .. } => &mut self.0.unchanged,
            Outcome::Changed { .. } => &mut self.0.changed,
            Outcome::Pending { .. } => &mut self.0.pending,
            Outcome::Failed(_) => &mut self.0.failed,
            Outcome::NotReached { .. } => &mut self.0.not_reached,
            Outcome::Skipped { .. } => &mut self.0.skipped,
        };
        *count += 1;
    }

    /// How many in all.
    #[must_use]
    pub const fn total(&self) -> usize {
        let Summary {
            unchanged,
            changed,
            pending,
            failed,
            not_reached,
            skipped,
            ..
        } = self.0;
        unchanged + changed + pending + failed + not_reached + skipped
    }

    /// Whether all of them were skipped.
    #[must_use]
    pub const fn nothing_was_made(&self) -> bool {
        self.0.skipped > 0 && self.0.skipped == self.total()
    }

    /// `12 changed, 31 unchanged`: what there is none of is left out, but `changed` and `unchanged`
    /// are both there when one is, since `0 changed` is the news of a second run.
    #[must_use]
    pub fn text(&self) -> String {
        let Summary {
            unchanged,
            changed,
            pending,
            failed,
            not_reached,
            skipped,
            ..
        } = self.0;
        let done = changed + unchanged > 0;
        let parts: Vec<String> = [
            (done && pending == 0, t!("ui.count-changed", n = changed)),
            (done, t!("ui.count-unchanged", n = unchanged)),
            (pending > 0, t!("ui.count-pending", n = pending)),
            (failed > 0, t!("ui.count-failed", n = failed)),
            (not_reached > 0, t!("ui.count-not-reached", n = not_reached)),
            (skipped > 0, t!("ui.count-skipped", n = skipped)),
        ]
        .into_iter()
        .filter_map(|(there, text)| there.then_some(text))
        .collect();
        if parts.is_empty() {
            t!("ui.count-nothing")
        } else {
            parts.join(", ")
        }
    }
}

/// What came of the run of which `events` tell: the counts, each failure with its evidence, what
/// was not reached, and the `next` steps of the user. `logs` is the folder of its
/// [`Recorder`](super::Recorder), if it had one. Without a line end.
#[must_use]
pub fn text(events: &[Event], logs: Option<&Path>, next: &[String]) -> String {
    let mut parts = failures(events, logs);
    parts.extend(not_reached(events));
    parts.extend(headline(events));
    if !next.is_empty() {
        parts.push(next_steps(next));
    }
    parts.join("\n\n")
}

/// What the user does next, a line each. Without a line end.
#[must_use]
pub fn next_steps(next: &[String]) -> String {
    block(&Tone::Strong.paint(&t!("ui.next-steps")), next)
}

/// The counts, after the failures: the end of a long text is what a terminal shows.
fn headline(events: &[Event]) -> Option<String> {
    let summary = events.iter().rev().find_map(|event| match &event.kind {
        Kind::RunFinished { summary } => Some(*summary),
        _ => None,
    })?;
    let counts = Counts::from(summary).text();
    let time = amount::duration(summary.took_ms);
    Some(if summary.interrupted {
        Tone::Warn.paint(&t!("ui.interrupted", counts = counts, time = time))
    } else {
        let tone = if summary.failed + summary.not_reached > 0 {
            Tone::Bad
        } else {
            Tone::Strong
        };
        tone.paint(&t!("ui.ended-in", counts = counts, time = time))
    })
}

fn failures(events: &[Event], logs: Option<&Path>) -> Vec<String> {
    let titles = events.iter().find_map(|event| match &event.kind {
        Kind::RunStarted { lanes, .. } => Some(Titles::new(lanes)),
        _ => None,
    });
    let titles = titles.unwrap_or_default();
    ends(events)
        .filter_map(|(step, outcome)| {
            let Outcome::Failed(failure) = outcome else {
                return None;
            };
            let log = logs.map(|dir| log_path(dir, &step.lane));
            Some(failure::block(step, titles.of(step), failure, log.as_deref()))
        })
        .collect()
}

/// A line a lane and reason: of ten steps that one failure keeps from happening, one line is enough. What Ctrl-C cut off
/// nobody has to look into: the number of it stands in the last line.
fn not_reached(events: &[Event]) -> Option<String> {
    let mut groups: Vec<(&LaneName, &str, Vec<&str>)> = Vec::new();
    let cut_off = t!("engine.interrupted");
    for (step, outcome) in ends(events) {
        if let Outcome::NotReached { because } = outcome
            && *because != cut_off
        {
            let group = groups
                .iter_mut()
                .find(|(lane, reason, _)| *lane == &step.lane && reason == because);
            match group {
                Some((_, _, steps)) => steps.push(step.step.as_str()),
                None => groups.push((&step.lane, because, vec![step.step.as_str()])),
            }
        }
    }
    let column = groups.iter().map(|(lane, ..)| width(lane.as_str())).max()?;
    let lines: Vec<String> = groups
        .iter()
        .map(|(lane, because, steps)| {
            let steps = steps.join(", ");
            let text = t!("ui.not-reached-lane", steps = steps, because = one_line(because));
            format!("{}  {text}", left(lane.as_str(), column))
        })
        .collect();
    Some(block(&Tone::Strong.paint(&t!("ui.not-reached-head")), &lines))
}

fn ends(events: &[Event]) -> impl Iterator<Item = (&StepId, &Outcome)> {
    events.iter().filter_map(|event| match &event.kind {
        Kind::StepFinished { step, outcome, .. } => Some((step, outcome)),
        _ => None,
    })
}

fn block(head: &str, lines: &[String]) -> String {
    let mut text = head.to_owned();
    for line in lines {
        text.push_str("\n  ");
        text.push_str(line);
    }
    text
}
