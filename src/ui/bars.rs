//! A run on a terminal: a line for each lane that changes in place.

mod row;

use indicatif::{MultiProgress, ProgressDrawTarget};
use row::Row;

use super::titles::Titles;
use super::width::{left, right, width};
use super::{Screen, amount, failure, line};
use crate::event::{Event, Kind, LaneOutline, Listener, Outcome, StepId};
use crate::names::LaneName;

/// Draws a line a lane: its name, the step it is on, the seconds since, and how many are left.
///
/// Failures are printed above the lines as they happen, with `-v` every finished step is. What
/// others write to the same [`Screen`] meanwhile appears above the lines too.
pub struct Bars {
    screen: Screen,
    group: MultiProgress,
    titles: Titles,
    rows: Vec<Row>,
    lane_column: usize,
}

impl Bars {
    /// On `target`, which is the terminal that standard error of `screen` writes to.
    #[must_use]
    pub fn new(screen: &Screen, target: ProgressDrawTarget) -> Self {
        Self {
            screen: screen.clone(),
            group: MultiProgress::with_draw_target(target),
            titles: Titles::default(),
            rows: Vec::new(),
            lane_column: 0,
        }
    }

    fn begin(&mut self, lanes: &[LaneOutline]) {
        self.screen.attach(Some(self.group.clone()));
        self.titles = Titles::new(lanes);
        self.lane_column = lanes.iter().map(|it| width(it.lane.as_str())).max().unwrap_or(0);
        let column = self.lane_column;
        self.rows = lanes
            .iter()
            .map(|outline| Row::new(&self.screen, &self.group, outline, column))
            .collect();
    }

    fn row(&mut self, lane: &LaneName) -> Option<&mut Row> {
        self.rows.iter_mut().find(|row| row.lane() == lane)
    }

    /// Says something of a lane above the lines.
    fn say(&self, event: &Event, lane: &LaneName, text: &str) {
        let at = amount::seconds(event.at_ms);
        let lane = left(lane.as_str(), self.lane_column);
        self.screen.say(&format!("{}  {lane}  {text}", right(&at, 8)));
    }

    fn finished(&mut self, event: &Event, step: &StepId, outcome: &Outcome) {
        if self.screen.verbosity() > 0 {
            self.say(event, &step.lane, &line::finished(&step.step, outcome));
        }
        if let Outcome::Failed(failure) = outcome {
            let block = failure::block(step, self.titles.of(step), failure, None);
            self.screen.insist(&block);
        }
        if let Some(row) = self.row(&step.lane) {
            row.finished(event.at_ms, &step.step, outcome);
        }
    }

    fn end(&mut self) {
        if self.rows.is_empty() {
            return;
        }
        self.rows.iter_mut().for_each(Row::freeze);
        self.rows.clear();
        self.screen.attach(None);
        // indicatif leaves the cursor at the end of the last line, where a shell would go on; and an empty line keeps
        // what comes next apart.
        self.screen.insist("\n\n");
    }
}

impl Listener for Bars {
    fn event(&mut self, event: &Event) {
        match &event.kind {
            Kind::RunStarted { lanes, .. } => self.begin(lanes),
            Kind::StepStarted { step, .. } => {
                if let Some(row) = self.row(&step.lane) {
                    row.started(event.at_ms, &step.step);
                }
            }
            Kind::StepWaiting { step, reason } => {
                if let Some(row) = self.row(&step.lane) {
                    row.waiting(&step.step, reason);
                }
            }
            Kind::StepAdvice { step, advice, hints } => {
                self.say(event, &step.lane, &line::advice(&step.step, advice, hints));
            }
            Kind::StepProgress { step, done, total } => {
                if let Some(row) = self.row(&step.lane) {
                    row.transferring(event.at_ms, &step.step, (*done, *total));
                }
            }
            Kind::StepFinished { step, outcome, .. } => self.finished(event, step, outcome),
            Kind::StepOutput { .. } => {}
            Kind::RunFinished { .. } => self.end(),
        }
    }
}

impl Drop for Bars {
    /// Leaves the terminal as a shell expects it, also when a run ends by a panic.
    fn drop(&mut self) {
        self.end();
    }
}
