//! A page of the lesson as text.

use super::style::Tone;
use super::width::{harmless, wrap};
use crate::plan::lesson::Page;
use crate::t;

/// Longer lines are hard to read.
const WIDE: usize = 88;

/// The heading of a page, and what this part of Kubernetes does.
#[must_use]
pub fn head(id: &str, number: usize, count: usize, columns: usize) -> String {
    let title = t!(&format!("lesson.{id}-title"));
    let head = t!("lesson.head", number = number, count = count, title = title);
    let text = t!(&format!("lesson.{id}-text"));
    format!(
        "\n{}\n\n{}\n\n",
        Tone::Strong.paint(&head),
        paragraphs(&text, columns)
    )
}

/// A command as it is typed.
#[must_use]
pub fn command(command: &str) -> String {
    format!("  {}", Tone::Good.paint(&format!("$ {command}")))
}

/// A request that this computer makes.
#[must_use]
pub fn request(url: &str) -> String {
    format!(
        "\n  {}\n{}",
        t!("lesson.command-here"),
        command(&format!("curl {url}"))
    )
}

/// What a program wrote.
#[must_use]
pub fn output<'a>(lines: impl IntoIterator<Item = &'a str>) -> String {
    let lines = lines.into_iter().map(|line| format!("  {}", harmless(line)));
    lines.collect::<Vec<_>>().join("\n")
}

/// That a command did not end well, which may be what the page is about.
#[must_use]
pub fn ended(status: i32) -> String {
    format!("  {}", Tone::Warn.paint(&t!("lesson.ended", status = status)))
}

/// That a command belongs on a node, which cannot be reached from here.
#[must_use]
pub fn elsewhere() -> String {
    format!("  {}", Tone::Warn.paint(&t!("lesson.elsewhere")))
}

/// What to look at, and how kprov proves the same.
#[must_use]
pub fn foot(page: &Page, columns: usize) -> String {
    let look = t!(&format!("lesson.{}-look", page.id));
    let flag = page
        .flag
        .as_deref()
        .map_or_else(String::new, |flag| format!("{flag} "));
    let checks = format!("{flag}--only {}", page.checks.join(","));
    format!(
        "\n{}\n{}\n\n{}\n",
        Tone::Strong.paint(&t!("lesson.look")),
        paragraphs(&look, columns),
        Tone::Dim.paint(&t!("lesson.proven", checks = checks))
    )
}

/// What to press.
#[must_use]
pub fn next() -> String {
    Tone::Dim.paint(&t!("lesson.next"))
}

fn paragraphs(text: &str, columns: usize) -> String {
    let paragraphs = text.trim().split("\n\n");
    paragraphs
        .map(|paragraph| wrap(paragraph, columns.min(WIDE)).join("\n"))
        .collect::<Vec<_>>()
        .join("\n\n")
}
