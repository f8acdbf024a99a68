//! The line of one lane.

use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};

use crate::event::{LaneOutline, Outcome};
use crate::names::{LaneName, StepName};
use crate::t;
use crate::ui::style::{BAD, GOOD, SKIPPED, Tone};
use crate::ui::summary::Counts;
use crate::ui::width::{left, one_line, right};
use crate::ui::{Screen, amount};

/// A second is the smallest thing the line shows, and a spinner that jerks looks stuck.
const TICK: Duration = Duration::from_millis(200);

/// A lane's line and what it needs to know of the lane.
pub struct Row {
    screen: Screen,
    bar: ProgressBar,
    outline: LaneOutline,
    /// The lane's name, padded to the width of the longest.
    name: String,
    counts: Counts,
    stopped_at: Option<StepName>,
    /// When the step that it is on began.
    began_ms: u64,
}

impl Row {
    pub fn new(screen: &Screen, bars: &MultiProgress, outline: &LaneOutline, column: usize) -> Self {
        let bar = bars.add(ProgressBar::new_spinner().with_style(running()));
        let row = Self {
            screen: screen.clone(),
            bar,
            outline: outline.clone(),
            name: left(outline.lane.as_str(), column).into_owned(),
            counts: Counts::default(),
            stopped_at: None,
            began_ms: 0,
        };
        row.pause();
        row.bar.enable_steady_tick(TICK);
        row
    }

    pub const fn lane(&self) -> &LaneName {
        &self.outline.lane
    }

    pub fn started(&mut self, at_ms: u64, step: &StepName) {
        self.began_ms = at_ms;
        self.bar.reset_elapsed();
        self.show(self.title(step).to_owned());
    }

    pub fn waiting(&self, step: &StepName, reason: &str) {
        self.aside(step, &one_line(reason));
    }

    pub fn transferring(&self, at_ms: u64, step: &StepName, (done, total): (u64, u64)) {
        let rate = amount::rate(done, at_ms.saturating_sub(self.began_ms));
        let text = t!("ui.transfer", percent = amount::percent(done, total), rate = rate);
        self.aside(step, &text);
    }

    pub fn finished(&mut self, at_ms: u64, step: &StepName, outcome: &Outcome) {
        self.counts.add(outcome);
        if matches!(outcome, Outcome::Failed(_) | Outcome::NotReached { .. }) {
            self.stopped_at.get_or_insert_with(|| step.clone());
        }
        if self.left() > 0 {
            self.bar.reset_elapsed();
            return self.pause();
        }
        let (sign, text) = match &self.stopped_at {
            None if self.counts.nothing_was_made() => (Tone::Dim.paint(SKIPPED), self.counts.text()),
            None => {
                let text = t!("ui.lane-done", counts = self.counts.text());
                (Tone::Good.paint(GOOD), text)
            }
            Some(step) => {
                let text = t!("ui.lane-stopped", step = step);
                (Tone::Bad.paint(BAD), text)
            }
        };
        let at = amount::seconds(at_ms);
        let line = format!("{sign} {}  {}  {text}", self.name, right(&at, 8));
        self.bar.set_style(still());
        self.bar.finish_with_message(self.screen.tint(line));
    }

    /// Ends the line as it is, when its lane has not ended.
    pub fn freeze(&mut self) {
        if !self.bar.is_finished() {
            self.bar.abandon();
        }
    }

    /// Between two steps: the next one waits for another lane.
    fn pause(&self) {
        let next = self.outline.steps.get(self.counts.total());
        let title = next.map_or("", |(_, title)| title);
        self.show(Tone::Dim.paint(&t!("ui.waits-to-begin", title = title)));
    }

    fn aside(&self, step: &StepName, text: &str) {
        let aside = Tone::Dim.paint(&format!("({text})"));
        self.show(format!("{} {aside}", self.title(step)));
    }

    fn show(&self, message: String) {
        let left = t!("ui.left", n = self.left());
        self.bar.set_prefix(format!("{}  {}", self.name, right(&left, 8)));
        self.bar.set_message(self.screen.tint(message));
    }

    fn left(&self) -> usize {
        self.outline.steps.len().saturating_sub(self.counts.total())
    }

    fn title<'a>(&'a self, step: &'a StepName) -> &'a str {
        let found = self.outline.steps.iter().find(|(name, _)| name == step);
        found.map_or(step.as_str(), |(_, title)| title)
    }
}

/// While the lane goes on. The spinner is ASCII, which every font of a console has.
fn running() -> ProgressStyle {
    template("{spinner} {prefix} {since:>7}  {wide_msg}")
        .tick_chars("|/-\\ ")
        .with_key("since", |state: &ProgressState, w: &mut dyn std::fmt::Write| {
            let _ = write!(w, "{}s", state.elapsed().as_secs());
        })
}

/// When it has ended.
fn still() -> ProgressStyle {
    template("{wide_msg}")
}

fn template(text: &str) -> ProgressStyle {
    ProgressStyle::with_template(text).unwrap_or_else(|_| ProgressStyle::default_spinner())
}
