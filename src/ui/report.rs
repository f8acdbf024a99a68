//! The table of a verification: a row for each check, with its evidence when it failed.

mod html;
mod junit;
mod markdown;
pub mod picture;
mod proof;
mod score;
mod table;

pub use picture::Picture;
pub use proof::{About, Form, Proof, SCHEMA};
pub use score::{Points, Score};

use std::collections::HashMap;

use serde::Serialize;

use super::style::{BAD, GOOD, SKIPPED};
use super::titles::Titles;
use super::width::{harmless, one_line};
use crate::event::{Event, Failure, Kind, LaneOutline, Outcome, StepId};
use crate::names::StepName;
use crate::plan::Plan;
use crate::spec::Labs;
use crate::t;
use crate::text::english;

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// It holds.
    Ok,
    /// It does not hold.
    Fail,
    /// It was not made.
    Skip,
}

impl Mark {
    /// The word for it, in the user's language.
    #[must_use]
    pub fn word(self) -> String {
        match self {
            Self::Ok => t!("ui.mark-ok"),
            Self::Fail => t!("ui.mark-fail"),
            Self::Skip => t!("ui.mark-skip"),
        }
    }

    /// A sign that says the same as the word, to be seen before it is read.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Ok => GOOD,
            Self::Fail => BAD,
            Self::Skip => SKIPPED,
        }
    }
}

/// A check and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Which check: the chain it belongs to and its name there.
    #[serde(flatten)]
    pub check: StepId,
    /// How it came out.
    pub mark: Mark,
    /// What is checked, in the user's language.
    pub title: String,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// What was seen; of a check that was not made, why.
    pub seen: String,
    /// What a person types to see the same, a line each.
    pub commands: Vec<String>,
    /// The last lines that its programs wrote.
    pub output: Vec<String>,
    /// What it counts, where a verification is graded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points: Option<Points>,
    /// What failed and its last lines.
    pub evidence: Vec<String>,
    /// What to try, the likeliest first.
    pub hints: Vec<String>,
}

fn steps_in_order(lanes: &[LaneOutline]) -> Vec<StepId> {
    let step = |lane: &LaneOutline, step: &StepName| StepId {
        lane: lane.lane.clone(),
        step: step.clone(),
    };
    lanes
        .iter()
        .flat_map(|lane| lane.steps.iter().map(move |(name, _)| step(lane, name)))
        .collect()
}

/// All checks of a verification, in the plan's order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Report {
    /// How many hold.
    pub passed: usize,
    /// How many do not.
    pub failed: usize,
    /// How many were not made.
    pub skipped: usize,
    /// Milliseconds that the verification took, or its longest check when that is not known.
    pub took_ms: u64,
    /// What it counts, where it is graded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<Score>,
    /// The checks.
    pub rows: Vec<Row>,
}

impl Report {
    /// The report on these checks, which took `took_ms` milliseconds together.
    #[must_use]
    pub fn new(rows: Vec<Row>, took_ms: u64) -> Self {
        let count = |mark| rows.iter().filter(|row| row.mark == mark).count();
        Self {
            passed: count(Mark::Ok),
            failed: count(Mark::Fail),
            skipped: count(Mark::Skip),
            took_ms,
            score: None,
            rows,
        }
    }

    /// The report on a run whose steps are checks.
    #[must_use]
    pub fn from_events(events: &[Event]) -> Self {
        let mut titles = Titles::default();
        let mut order = Vec::new();
        let mut rows = Vec::new();
        let mut took = 0;
        let mut outputs: HashMap<&StepId, Vec<String>> = HashMap::new();
        for event in events {
            match &event.kind {
                Kind::RunStarted { lanes, .. } => {
                    titles = Titles::new(lanes);
                    order = steps_in_order(lanes);
                }
                Kind::StepFinished {
                    step,
                    outcome,
                    took_ms,
                } => {
                    took = took.max(*took_ms);
                    rows.push(row(step, titles.of(step), outcome, *took_ms));
                }
                Kind::StepOutput { step, line } => outputs.entry(step).or_default().push(harmless(line)),
                Kind::RunFinished { summary } => took = summary.took_ms,
                _ => {}
            }
        }
        for row in &mut rows {
            row.output = outputs.remove(&row.check).unwrap_or_default();
        }
        rows.sort_by_key(|row: &Row| order.iter().position(|step| *step == row.check));
        Self::new(rows, took)
    }

    /// With the commands that the plan's checks name.
    #[must_use]
    pub fn with_commands(mut self, plan: &Plan) -> Self {
        for lane in plan.lanes.iter().chain(&plan.finally) {
            for step in &lane.steps {
                let id = step.id(&lane.name);
                if let Some(row) = self.rows.iter_mut().find(|row| row.check == id) {
                    row.commands.clone_from(&step.commands);
                }
            }
        }
        self
    }

    /// With what an instructor's checks count; those that are kprov's get a row of their own.
    #[must_use]
    pub fn graded(self, labs: &Labs) -> Self {
        score::grade(self, labs)
    }

    /// What was made of it until somebody pressed Ctrl-C.
    #[must_use]
    pub fn made(&self) -> Self {
        let made = self.rows.iter().filter(|row| row.mark != Mark::Skip);
        Self::new(made.cloned().collect(), self.took_ms)
    }

    /// The same report in English, for programs.
    #[must_use]
    pub fn english(&self) -> Self {
        let lines = |lines: &[String]| lines.iter().map(|line| english(line)).collect();
        let row = |row: &Row| Row {
            title: english(&row.title),
            seen: english(&row.seen),
            output: lines(&row.output),
            evidence: lines(&row.evidence),
            hints: lines(&row.hints),
            ..row.clone()
        };
        Self {
            rows: self.rows.iter().map(row).collect(),
            ..self.clone()
        }
    }

    /// Whether no check failed.
    #[must_use]
    pub const fn holds(&self) -> bool {
        self.failed == 0
    }

    /// The counts and the time in one line.
    #[must_use]
    pub fn headline(&self) -> String {
        table::headline(self)
    }

    /// The table in at most `columns`, where words allow it, and the counts below. Without a line end.
    #[must_use]
    pub fn to_text(&self, columns: usize) -> String {
        table::draw(self, columns)
    }

    /// The same as one JSON object over several lines: the counts, and `rows`.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

fn row(step: &StepId, title: &str, outcome: &Outcome, took_ms: u64) -> Row {
    let (mark, seen) = match outcome {
        Outcome::Unchanged { reason } | Outcome::Changed { reason } => (Mark::Ok, reason),
        Outcome::Pending { reason } | Outcome::Skipped { reason } => (Mark::Skip, reason),
        Outcome::NotReached { because } => (Mark::Skip, because),
        Outcome::Failed(failure) => (Mark::Fail, &failure.message),
    };
    let failure = match outcome {
        Outcome::Failed(failure) => Some(failure),
        _ => None,
    };
    Row {
        check: step.clone(),
        mark,
        title: title.to_owned(),
        took_ms,
        seen: one_line(seen),
        commands: Vec::new(),
        output: Vec::new(),
        points: None,
        evidence: failure.map(evidence).unwrap_or_default(),
        hints: failure.map(|it| it.hints.clone()).unwrap_or_default(),
    }
}

fn evidence(failure: &Failure) -> Vec<String> {
    let command = match (&failure.command, failure.status) {
        (Some(command), Some(status)) => Some(t!("ui.tried", command = command, status = status)),
        (command, _) => command.clone(),
    };
    let place = command.map(|command| format!("{}: {command}", failure.host));
    place.into_iter().chain(failure.last_lines.clone()).collect()
}
