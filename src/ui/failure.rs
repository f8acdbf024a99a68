//! A failure with its evidence, as a block of lines.

use std::path::Path;

use super::style::{BAD, Tone};
use super::width::{harmless, left, width};
use crate::event::{Failure, StepId};
use crate::problems::{self, Problem};
use crate::t;

/// The whole failure, several lines, the last without an end; `log` is where more can be read.
pub fn block(step: &StepId, title: &str, failure: &Failure, log: Option<&Path>) -> String {
    let mut lines = vec![Tone::Bad.paint(&format!("{BAD} {step}: {title}"))];
    let known = failure.problem.as_deref().and_then(problems::named);
    lines.extend(known.into_iter().flat_map(|problem| explanation(problem, "  ")));
    lines.extend(
        failure
            .message
            .lines()
            .map(|line| format!("  {}", harmless(line))),
    );
    let mut facts = vec![(t!("ui.failure-host"), failure.host.clone())];
    facts.extend(failure.command.clone().map(|it| (t!("ui.failure-command"), it)));
    facts.extend(failure.status.map(|it| (t!("ui.failure-status"), it.to_string())));
    facts.extend(log.map(|it| (t!("ui.failure-log"), it.display().to_string())));
    let column = facts
        .iter()
        .map(|(name, _)| width(name))
        .max()
        .unwrap_or_default();
    for (name, value) in &facts {
        let name = Tone::Dim.paint(&left(name, column));
        lines.push(format!("  {name}  {}", harmless(value)));
    }
    lines.extend(evidence(&failure.last_lines, "  "));
    lines.extend(hints(&failure.hints, "  "));
    lines.join("\n")
}

/// What a known problem is and what to do about it, before what a program said of it.
pub fn explanation(problem: &Problem, indent: &str) -> Vec<String> {
    let mut lines = vec![format!(
        "{indent}{} {}",
        Tone::Strong.paint(&problem.id),
        problem.what()
    )];
    lines.extend(problem.advice().lines().map(|line| format!("{indent}{line}")));
    lines.push(format!("{indent}{}", Tone::Dim.paint(&problem.address())));
    lines
}

/// Something that was found on this computer: `word ID: title`, and under it what belongs to it.
#[must_use]
pub fn finding(bad: bool, word: &str, id: &str, title: &str, below: &[String]) -> String {
    let tone = if bad { Tone::Bad } else { Tone::Warn };
    let mut lines = vec![format!(
        "{} {}: {title}",
        tone.paint(word),
        Tone::Strong.paint(id)
    )];
    let below = below.iter().flat_map(|text| text.lines());
    lines.extend(below.map(|line| format!("  {}", harmless(line))));
    lines.join("\n")
}

/// Lines that a program wrote, set off by a bar.
pub fn evidence(lines: &[String], indent: &str) -> Vec<String> {
    lines
        .iter()
        .map(|line| format!("{indent}{} {}", Tone::Dim.paint("|"), harmless(line)))
        .collect()
}

/// `hint: do this`, one a line.
pub fn hints(hints: &[String], indent: &str) -> Vec<String> {
    let word = Tone::Good.paint(&t!("ui.hint"));
    hints
        .iter()
        .map(|hint| format!("{indent}{word} {hint}"))
        .collect()
}
