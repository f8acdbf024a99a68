//! The timeline as a page.

use serde::Serialize;
use tera::Context;

use super::text::{gap_text, sum};
use super::{Span, Timeline};
use crate::event::Outcome;
use crate::t;
use crate::ui::amount::{duration, seconds};
use crate::ui::{line, page};

/// More marks on the axis would run into each other.
const TICKS: u64 = 6;

/// A step as the page shows it. Places are in per cent of the chart.
#[derive(Serialize)]
struct Bar {
    name: String,
    title: String,
    start: String,
    took: String,
    left: String,
    width: String,
    /// What it looks like: `changed`, `held` or `failed`.
    look: &'static str,
    critical: bool,
    outcome: String,
    /// All about it in a sentence.
    hover: String,
}

#[derive(Serialize)]
struct Lane {
    name: String,
    bars: Vec<Bar>,
}

#[derive(Serialize)]
struct Tick {
    left: String,
    text: String,
}

pub fn draw(timeline: &Timeline) -> String {
    let mut context = Context::new();
    fill(timeline, &mut context);
    let title = t!(
        "ui.timeline-title",
        command = timeline.command,
        cluster = timeline.cluster
    );
    context.insert("title", &title);
    page::fill("timeline.html", &context)
}

/// Gives a page what `chart.html` needs.
pub fn fill(timeline: &Timeline, context: &mut Context) {
    let path = timeline
        .critical
        .iter()
        .filter_map(|step| timeline.spans.iter().find(|span| span.step == *step));
    let path: Vec<Bar> = path.map(|span| bar(timeline, span)).collect();
    let gaps: Vec<String> = timeline.gaps.iter().map(gap_text).collect();
    context.insert("lang", &t!("ui.lang"));
    context.insert("nothing", &t!("ui.timeline-none"));
    context.insert("sum", &sum(timeline));
    context.insert("ticks", &ticks(timeline.wall_ms));
    context.insert("lanes", &lanes(timeline));
    context.insert("path", &path);
    context.insert("gaps", &gaps);
    context.insert("path_head", &t!("ui.timeline-path"));
    context.insert("path_explained", &t!("ui.timeline-path-explained"));
    context.insert("gaps_head", &t!("ui.timeline-gaps"));
    context.insert("all_head", &t!("ui.timeline-all"));
    context.insert("step_head", &t!("ui.timeline-step"));
    context.insert("start_head", &t!("ui.timeline-start"));
    context.insert("took_head", &t!("ui.timeline-took"));
    context.insert("critical_word", &t!("ui.legend-critical"));
    context.insert("changed_word", &t!("ui.legend-changed"));
    context.insert("held_word", &t!("ui.legend-unchanged"));
    context.insert("failed_word", &t!("ui.legend-failed"));
}

fn lanes(timeline: &Timeline) -> Vec<Lane> {
    timeline
        .spans
        .chunk_by(|a, b| a.step.lane == b.step.lane)
        .map(|spans| Lane {
            name: spans[0].step.lane.to_string(),
            bars: spans.iter().map(|span| bar(timeline, span)).collect(),
        })
        .collect()
}

fn bar(timeline: &Timeline, span: &Span) -> Bar {
    Bar {
        name: span.step.to_string(),
        title: span.title.clone(),
        start: seconds(span.start_ms),
        took: seconds(span.took_ms()),
        left: percent(span.start_ms, timeline.wall_ms),
        width: percent(span.took_ms(), timeline.wall_ms),
        look: match span.outcome {
            Outcome::Changed { .. } => "changed",
            Outcome::Failed(_) => "failed",
            _ => "held",
        },
        critical: timeline.is_critical(&span.step),
        outcome: line::word(&span.outcome),
        hover: hover(span),
    }
}

fn hover(span: &Span) -> String {
    let (start, end) = (seconds(span.start_ms), seconds(span.end_ms));
    let (step, title) = (&span.step, &span.title);
    let outcome = line::word(&span.outcome);
    let reason = span.reason();
    let mut text = if reason.is_empty() {
        t!(
            "ui.timeline-span",
            step = step,
            title = title,
            outcome = outcome,
            start = start,
            end = end
        )
    } else {
        t!(
            "ui.timeline-span-why",
            step = step,
            title = title,
            outcome = outcome,
            start = start,
            end = end,
            reason = reason,
        )
    };
    if let Some(step) = &span.released_by {
        text.push('\n');
        text.push_str(&t!("ui.timeline-released", step = step));
    }
    text
}

/// Round times on the axis.
fn ticks(wall_ms: u64) -> Vec<Tick> {
    let steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600].map(|s| s * 1000);
    let fits = steps.into_iter().find(|step| wall_ms / step < TICKS);
    let step = fits.unwrap_or_else(|| wall_ms.div_ceil(TICKS));
    (0..=wall_ms / step)
        .map(|at| Tick {
            left: percent(at * step, wall_ms),
            text: if at == 0 {
                "0".to_owned()
            } else {
                duration_of_tick(at * step)
            },
        })
        .collect()
}

/// Whole seconds, where [`duration`] would say `5.0 s`.
fn duration_of_tick(ms: u64) -> String {
    if ms < 60_000 {
        t!("ui.seconds", n = ms / 1000)
    } else {
        duration(ms)
    }
}

/// For CSS, with two digits after the point.
fn percent(part: u64, whole: u64) -> String {
    let hundredths = u128::from(part.min(whole)) * 10_000 / u128::from(whole.max(1));
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}
