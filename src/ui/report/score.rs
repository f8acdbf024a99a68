//! What checks count where a verification is graded.

use std::fmt;

use serde::Serialize;

use super::{Mark, Report, Row};
use crate::event::StepId;
use crate::plan::verify::LABS;
use crate::spec::{LabCheck, Labs, Task};
use crate::t;
use crate::ui::amount;

/// What one check counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Points {
    /// Points that it brought.
    pub earned: u32,
    /// Points that it can bring.
    pub of: u32,
}

/// What all of them count together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Score {
    /// Points that were earned.
    pub earned: u32,
    /// Points that can be.
    pub of: u32,
}

impl Score {
    /// The sum over the checks that count something; `None` where none does.
    #[must_use]
    pub fn of(rows: &[Row]) -> Option<Self> {
        let points: Vec<Points> = rows.iter().filter_map(|row| row.points).collect();
        (!points.is_empty()).then(|| Self {
            earned: points.iter().map(|points| points.earned).sum(),
            of: points.iter().map(|points| points.of).sum(),
        })
    }
}

impl Points {
    /// What a check with that outcome brings: all, or nothing.
    #[must_use]
    pub const fn new(mark: Mark, of: u32) -> Self {
        let earned = if matches!(mark, Mark::Ok) { of } else { 0 };
        Self { earned, of }
    }
}

impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&t!("report.points", earned = self.earned, of = self.of))
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = amount::percent(self.earned.into(), self.of.into());
        f.write_str(&t!(
            "report.score",
            earned = self.earned,
            of = self.of,
            percent = percent
        ))
    }
}

pub(super) fn grade(report: Report, labs: &Labs) -> Report {
    let (mut own, mut rows): (Vec<Row>, Vec<Row>) = report
        .rows
        .into_iter()
        .partition(|row| row.check.lane.as_str() == LABS);
    let mut graded = Vec::new();
    for check in &labs.checks {
        let row = match &check.task {
            Task::Verify(word) => summary(check, word, &rows),
            _ => match own.iter().position(|row| row.check.step.as_str() == check.name) {
                Some(index) => own.remove(index),
                None => summary(check, &check.name, &[]),
            },
        };
        graded.push(Row {
            points: Some(Points::new(row.mark, check.points)),
            ..row
        });
    }
    rows.extend(graded);
    let score = Score::of(&rows);
    Report {
        score,
        ..Report::new(rows, report.took_ms)
    }
}

/// A row for all of kprov's checks of a name.
fn summary(check: &LabCheck, word: &str, rows: &[Row]) -> Row {
    let fits = |row: &&Row| {
        let (lane, step) = (row.check.lane.as_str(), row.check.step.as_str());
        word == lane || word == step || word.split_once('/') == Some((lane, step))
    };
    let rows: Vec<&Row> = rows.iter().filter(fits).collect();
    let of = |mark: Mark| -> Vec<String> {
        let rows = rows.iter().filter(|row| row.mark == mark);
        rows.map(|row| row.check.to_string()).collect()
    };
    let (ok, failed) = (of(Mark::Ok), of(Mark::Fail));
    let (mark, seen) = if !failed.is_empty() {
        (Mark::Fail, t!("labs.verify-not", names = failed.join(", ")))
    } else if ok.is_empty() {
        (Mark::Skip, t!("labs.verify-none"))
    } else {
        let seen = t!("labs.verify-ok", count = ok.len(), names = ok.join(", "));
        (Mark::Ok, seen)
    };
    Row {
        check: StepId {
            lane: LABS.into(),
            step: check.name.as_str().into(),
        },
        mark,
        title: check.title.clone(),
        took_ms: rows.iter().map(|row| row.took_ms).max().unwrap_or_default(),
        seen,
        commands: vec![format!("kprov verify --only {word}")],
        output: Vec::new(),
        points: None,
        evidence: Vec::new(),
        hints: check.hint.iter().cloned().collect(),
    }
}
