//! The table as text.

use super::{Mark, Report, Row};
use crate::t;
use crate::ui::style::Tone;
use crate::ui::width::{fill, left, right, width};
use crate::ui::{amount, failure};

/// The narrowest column in which what was seen can still be read; where there is room it has a third.
const SEEN: usize = 20;
/// The widest column of titles; the table of a wide terminal stays together.
const TITLE: usize = 48;

pub fn draw(report: &Report, columns: usize) -> String {
    let widest = |of: fn(&Row) -> usize| report.rows.iter().map(of).max().unwrap_or_default();
    let marks = [Mark::Ok, Mark::Fail, Mark::Skip].map(|mark| width(&mark.word()));
    let mark_column = marks.into_iter().max().unwrap_or_default();
    let time_column = widest(|row| width(&time(row)));
    // The sign, and the spaces between the columns.
    let fixed = mark_column + time_column + 8;
    let room = columns
        .saturating_sub(fixed + SEEN.max(columns / 3))
        .clamp(12, TITLE);
    let title_column = widest(|row| width(&row.title)).min(room);
    let indent = " ".repeat(fixed + title_column);
    let seen_column = columns.saturating_sub(indent.len()).max(SEEN);

    let mut lines = Vec::new();
    for row in &report.rows {
        let titles = fill(&row.title, title_column);
        let seen = fill(&row.seen, seen_column);
        for at in 0..titles.len().max(seen.len()) {
            let title = left(titles.get(at).map_or("", String::as_str), title_column);
            let seen = seen.get(at).map_or("", String::as_str);
            let (mark, time) = if at == 0 {
                (
                    painted(row.mark, mark_column),
                    right(&time(row), time_column).into_owned(),
                )
            } else {
                (" ".repeat(mark_column + 2), " ".repeat(time_column))
            };
            let line = format!("{mark}  {title}  {time}  {seen}");
            lines.push(line.trim_end().to_owned());
        }
        lines.extend(failure::evidence(&row.evidence, "      "));
        lines.extend(failure::hints(&row.hints, "      "));
    }
    lines.push(String::new());
    let tone = if report.holds() { Tone::Good } else { Tone::Bad };
    lines.push(tone.paint(&headline(report)));
    if let Some(score) = &report.score {
        lines.push(Tone::Strong.paint(&score.to_string()));
    }
    lines.join("\n")
}

/// Of a check that was not made there is no time to tell.
fn time(row: &Row) -> String {
    if row.mark == Mark::Skip {
        String::new()
    } else {
        amount::seconds(row.took_ms)
    }
}

pub fn headline(report: &Report) -> String {
    let mut counts = vec![t!("ui.count-passed", n = report.passed)];
    if report.failed > 0 {
        counts.push(t!("ui.count-failed", n = report.failed));
    }
    if report.skipped > 0 {
        counts.push(t!("ui.count-skipped", n = report.skipped));
    }
    t!(
        "ui.ended-in",
        counts = counts.join(", "),
        time = amount::duration(report.took_ms)
    )
}

fn painted(mark: Mark, column: usize) -> String {
    let tone = match mark {
        Mark::Ok => Tone::Good,
        Mark::Fail => Tone::Bad,
        Mark::Skip => Tone::Dim,
    };
    tone.paint(&format!("{} {}", mark.sign(), left(&mark.word(), column)))
}
