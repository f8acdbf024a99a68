//! The report to paste into an issue.

use super::proof::Proof;
use super::{Mark, Row};
use crate::t;
use crate::ui::amount;
use crate::ui::width::harmless;

pub fn draw(proof: &Proof) -> String {
    let report = &proof.report;
    let mut lines = vec![
        format!("## {}", text(&t!("report.title", cluster = proof.about.cluster))),
        String::new(),
        format!("**{}**", text(&report.headline())),
    ];
    if let Some(score) = &report.score {
        lines.extend([String::new(), format!("**{}**", text(&score.to_string()))]);
    }
    lines.push(String::new());
    for (name, value) in proof.about.facts() {
        lines.push(format!("- {}: {}", text(&name), text(&value)));
    }
    lines.push(String::new());
    let heads = [
        String::new(),
        t!("report.head-check"),
        t!("report.head-seen"),
        t!("report.head-time"),
    ];
    lines.push(format!("| {} |", heads.join(" | ")));
    lines.push("| --- | --- | --- | ---: |".to_owned());
    lines.extend(report.rows.iter().map(row));
    for row in report.rows.iter().filter(|row| row.mark == Mark::Fail) {
        lines.extend(details(row));
    }
    lines.join("\n") + "\n"
}

fn row(row: &Row) -> String {
    let time = if row.mark == Mark::Skip {
        String::new()
    } else {
        amount::seconds(row.took_ms)
    };
    format!(
        "| {} {} | {} | {} | {time} |",
        row.mark.sign(),
        row.mark.word(),
        text(&row.title),
        text(&row.seen)
    )
}

fn details(row: &Row) -> Vec<String> {
    let mut lines = vec![
        String::new(),
        format!(
            "<details><summary>{} {}</summary>",
            row.mark.sign(),
            text(&row.title)
        ),
        String::new(),
    ];
    for (head, block) in [
        (t!("report.commands"), &row.commands),
        (t!("report.output"), &row.evidence),
    ] {
        if !block.is_empty() {
            lines.extend([head, String::new()]);
            lines.extend(fenced(block));
            lines.push(String::new());
        }
    }
    // A list: the likeliest comes first, and lines of a paragraph would run into each other.
    for (index, hint) in row.hints.iter().enumerate() {
        let number = format!("{}. ", index + 1);
        let mut of_it = hint.lines().map(text);
        lines.extend(of_it.next().map(|first| format!("{number}{first}")));
        lines.extend(of_it.map(|line| format!("{}{line}", " ".repeat(number.len()))));
    }
    lines.extend([String::new(), "</details>".to_owned()]);
    lines
}

/// A block of code whose fence is longer than any row of backticks in it.
fn fenced(block: &[String]) -> Vec<String> {
    let block: Vec<String> = block.iter().flat_map(|it| it.lines().map(harmless)).collect();
    let longest = block
        .iter()
        .flat_map(|line| line.split(|c| c != '`').map(str::len))
        .max()
        .unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    [vec![fence.clone()], block, vec![fence]].concat()
}

/// Text that stays text: nothing in it is a table, a tag, a link or emphasis.
fn text(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    for character in harmless(words).chars() {
        match character {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '|' | '*' | '_' | '[' | ']' | '`' | '\\' | '#' | '~' | '@' => {
                out.push('\\');
                out.push(character);
            }
            _ => out.push(character),
        }
    }
    out
}
