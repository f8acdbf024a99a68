//! The timeline for a terminal.

use std::cmp::Reverse;

use super::{Gap, Span, Timeline};
use crate::event::Outcome;
use crate::t;
use crate::ui::amount::{duration, seconds};
use crate::ui::style::{BAD, Tone};
use crate::ui::width::{cut, left, right, width, wrap};

/// The least chart in which a bar still says something.
const CHART: usize = 16;
/// The columns of the mark, of the two times and of the spaces between.
const FIXED: usize = 24;
/// Shorter waits are the time a round trip takes.
const GAP_MS: u64 = 100;

pub fn draw(timeline: &Timeline, columns: usize) -> String {
    let title = t!(
        "ui.timeline-title",
        command = timeline.command,
        cluster = timeline.cluster
    );
    let mut lines = vec![Tone::Strong.paint(&title)];
    if timeline.spans.is_empty() {
        lines.push(t!("ui.timeline-none"));
        return lines.join("\n");
    }
    lines.push(sum(timeline));
    lines.extend(wrap(&t!("ui.timeline-legend"), columns.max(40)));
    lines.push(String::new());
    let spans = &timeline.spans;
    let widest = spans.iter().map(|span| width(&label(span))).max();
    let room = columns.saturating_sub(FIXED + CHART).max(12);
    let name = widest.unwrap_or_default().min(room);
    let chart = columns.saturating_sub(FIXED + name).max(CHART);
    lines.push(head(timeline, name, chart));
    lines.extend(spans.iter().map(|span| row(timeline, span, name, chart)));
    let mut gaps: Vec<&Gap> = timeline.gaps.iter().filter(|gap| gap.ms >= GAP_MS).collect();
    if !gaps.is_empty() {
        gaps.sort_by_key(|gap| Reverse(gap.ms));
        lines.push(String::new());
        lines.push(Tone::Strong.paint(&t!("ui.timeline-gaps")));
        lines.extend(gaps.into_iter().map(|gap| format!("  {}", gap_text(gap))));
    }
    lines.join("\n")
}

/// `48 s from start to end, 1.09 times the 44 s of its critical path.`
pub fn sum(timeline: &Timeline) -> String {
    let critical = u128::from(timeline.critical_ms.max(1));
    let ratio = (u128::from(timeline.wall_ms) * 100 + critical / 2) / critical;
    t!(
        "ui.timeline-sum",
        wall = duration(timeline.wall_ms),
        critical = duration(timeline.critical_ms),
        ratio = format!("{}.{:02}", ratio / 100, ratio % 100),
    )
}

/// `1.2 s between m-k8s/init and w1-k8s/join`.
pub fn gap_text(gap: &Gap) -> String {
    let time = duration(gap.ms);
    match (&gap.after, &gap.before) {
        (Some(after), Some(before)) => t!("ui.gap-between", time = time, after = after, before = before),
        (Some(after), None) => t!("ui.gap-last", time = time, after = after),
        (None, Some(before)) => t!("ui.gap-first", time = time, before = before),
        (None, None) => time,
    }
}

fn head(timeline: &Timeline, name: usize, chart: usize) -> String {
    let step = t!("ui.timeline-step");
    let (start, took) = (t!("ui.timeline-start"), t!("ui.timeline-took"));
    let end = seconds(timeline.wall_ms);
    let scale = format!("0s{}", right(&end, chart.saturating_sub(2)));
    let line = format!(
        "  {}  {}  {}  |{scale}|",
        left(&step, name),
        right(&start, 7),
        right(&took, 7)
    );
    Tone::Dim.paint(&line)
}

fn row(timeline: &Timeline, span: &Span, name: usize, chart: usize) -> String {
    let critical = timeline.is_critical(&span.step);
    let (mark, bar) = if critical { ("*", "#") } else { (" ", "=") };
    let from = place(span.start_ms, timeline.wall_ms, chart).min(chart - 1);
    let to = place(span.end_ms, timeline.wall_ms, chart).max(from + 1);
    let bar = bar.repeat(to - from);
    let bar = if critical { Tone::Warn.paint(&bar) } else { bar };
    format!(
        "{mark} {}  {}  {}  |{}{bar}{}|",
        left(&cut(&label(span), name), name),
        right(&seconds(span.start_ms), 7),
        right(&seconds(span.took_ms()), 7),
        " ".repeat(from),
        " ".repeat(chart - to),
    )
}

/// The step, with the sign of a failure.
fn label(span: &Span) -> String {
    match span.outcome {
        Outcome::Failed(_) => format!("{BAD} {}", span.step),
        _ => span.step.to_string(),
    }
}

/// Which of `columns` a time falls into.
fn place(at_ms: u64, wall_ms: u64, columns: usize) -> usize {
    let place = u128::from(at_ms.min(wall_ms)) * columns as u128 / u128::from(wall_ms.max(1));
    usize::try_from(place).unwrap_or(columns)
}
