//! What checks count where a verification is graded.

use std::fmt;

use serde::Serialize;

use super::{Mark, Row};
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
