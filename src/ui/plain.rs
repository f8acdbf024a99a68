//! A run as lines, for pipes, logs and terminals that cannot move their cursor.

use std::collections::{HashMap, HashSet};

use super::style::Tone;
use super::titles::Titles;
use super::width::{left, one_line, width};
use super::{Screen, amount, failure, line};
use crate::event::{Event, Kind, Listener, Outcome, StepId};
use crate::names::LaneName;
use crate::t;

/// How long a line stands that only its numbers make old, such as one of the seconds since something happened.
const COUNTS_MS: u64 = 5_000;

/// Writes one line for each event that matters.
///
/// Steps that begin or held already are told of with `-v` only. Of the steps after a failure only
/// the first is told of, and a wait only when its reason changes, and not at every count of a clock. Failures are told of even quietly.
pub struct Plain {
    screen: Screen,
    titles: Titles,
    lane_column: usize,
    /// What each step that waits was last said to wait for, and when.
    waits: HashMap<StepId, (String, u64)>,
    stopped: HashSet<LaneName>,
}

impl Plain {
    /// On the standard error of `screen`.
    #[must_use]
    pub fn new(screen: &Screen) -> Self {
        Self {
            screen: screen.clone(),
            titles: Titles::default(),
            lane_column: 0,
            waits: HashMap::new(),
            stopped: HashSet::new(),
        }
    }

    fn say(&self, event: &Event, lane: &LaneName, text: &str) {
        let at = amount::seconds(event.at_ms);
        let lane = left(lane.as_str(), self.lane_column);
        self.screen.say(&format!("{at:>8}  {lane}  {text}"));
    }

    fn finished(&mut self, event: &Event, step: &StepId, outcome: &Outcome) {
        self.waits.remove(step);
        let verbose = self.screen.verbosity() > 0;
        let shown = match outcome {
            Outcome::Unchanged { .. } => verbose,
            Outcome::NotReached { .. } => self.stopped.insert(step.lane.clone()) || verbose,
            _ => true,
        };
        if shown {
            self.say(event, &step.lane, &line::finished(&step.step, outcome));
        }
        if let Outcome::Failed(failure) = outcome {
            let block = failure::block(step, self.titles.of(step), failure, None);
            self.screen.insist(&block);
        }
    }
}

fn without_numbers(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_ascii_digit())
        .collect()
}

impl Listener for Plain {
    fn event(&mut self, event: &Event) {
        match &event.kind {
            Kind::RunStarted {
                command,
                cluster,
                lanes,
            } => {
                self.titles = Titles::new(lanes);
                self.lane_column = lanes.iter().map(|it| width(it.lane.as_str())).max().unwrap_or(0);
                let steps = lanes.iter().map(|it| it.steps.len()).sum();
                self.screen.say(&t!(
                    "ui.run-started",
                    command = command,
                    cluster = cluster,
                    lanes = amount::lanes(lanes.len()),
                    steps = amount::steps(steps),
                ));
            }
            Kind::StepStarted { step, .. } if self.screen.verbosity() > 0 => {
                let text = t!("ui.begins", step = step.step);
                self.say(event, &step.lane, &Tone::Dim.paint(&text));
            }
            Kind::StepWaiting { step, reason } => {
                let reason = one_line(reason);
                let text = t!("ui.waits", step = step.step, reason = reason);
                let news = self.waits.get(step).is_none_or(|(said, at)| {
                    let counts = without_numbers(said) == without_numbers(&reason);
                    *said != reason && (!counts || event.at_ms >= at + COUNTS_MS)
                });
                if news {
                    self.waits.insert(step.clone(), (reason, event.at_ms));
                    self.say(event, &step.lane, &Tone::Dim.paint(&text));
                }
            }
            Kind::StepAdvice { step, advice, hints } => {
                self.say(event, &step.lane, &line::advice(&step.step, advice, hints));
            }
            Kind::StepFinished { step, outcome, .. } => self.finished(event, step, outcome),
            Kind::StepStarted { .. }
            | Kind::StepProgress { .. }
            | Kind::StepOutput { .. }
            | Kind::RunFinished { .. } => {}
        }
    }
}
