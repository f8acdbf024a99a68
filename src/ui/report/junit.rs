//! The report as `JUnit` writes it, for continuous integration.
//!
//! There is no one schema. This is what the two that are used most have in common (that of Ant's task and that of
//! Jenkins' plugin): a suite for each chain of checks with all its attributes, and a failure or a skip in a case.

use serde::Serialize;
use tera::Context;

use super::proof::Proof;
use super::{Mark, Row};
use crate::ui::{page, width};

#[derive(Serialize)]
struct Suite {
    id: usize,
    name: String,
    tests: usize,
    failures: usize,
    skipped: usize,
    time: String,
    cases: Vec<Case>,
    text: String,
}

#[derive(Serialize)]
struct Case {
    class: String,
    name: String,
    time: String,
    mark: Mark,
    kind: String,
    seen: String,
    text: String,
}

pub fn draw(proof: &Proof) -> String {
    let about = &proof.about;
    let suites: Vec<Suite> = proof
        .report
        .rows
        .chunk_by(|a, b| a.check.lane == b.check.lane)
        .enumerate()
        .map(|(id, rows)| suite(id, rows))
        .collect();
    let began = about.began.trim_end_matches('Z');
    let properties = [
        ("cluster", &about.cluster),
        ("kubernetes", &about.kubernetes),
        ("provider", &about.provider),
        ("kprov", &about.kprov),
    ]
    .map(|(name, value)| (name, clean(value)));
    let mut context = Context::new();
    context.insert("timestamp", began);
    context.insert("hostname", &clean(&about.cluster));
    context.insert("properties", &properties);
    context.insert("suites", &suites);
    page::fill("junit.xml", &context)
}

fn suite(id: usize, rows: &[Row]) -> Suite {
    let count = |mark| rows.iter().filter(|row| row.mark == mark).count();
    let seen: Vec<String> = rows
        .iter()
        .filter(|row| row.mark == Mark::Ok)
        .map(|row| clean(&format!("{}: {}", row.check.step, row.seen)))
        .collect();
    Suite {
        id,
        name: format!("kprov.{}", rows[0].check.lane),
        tests: rows.len(),
        failures: count(Mark::Fail),
        skipped: count(Mark::Skip),
        time: seconds(rows.iter().map(|row| row.took_ms).sum()),
        cases: rows.iter().map(case).collect(),
        text: seen.join("\n"),
    }
}

fn case(row: &Row) -> Case {
    let mut text = row.evidence.clone();
    text.extend(row.commands.iter().map(|command| format!("$ {command}")));
    text.extend(row.hints.iter().cloned());
    Case {
        class: format!("kprov.{}", row.check.lane),
        name: clean(&format!("{}: {}", row.check.step, row.title)),
        time: seconds(row.took_ms),
        mark: row.mark,
        kind: row.check.step.to_string(),
        seen: clean(&row.seen),
        text: clean(&text.join("\n")),
    }
}

/// Seconds with three digits after the point.
fn seconds(ms: u64) -> String {
    format!("{}.{:03}", ms / 1000, ms % 1000)
}

/// Without what XML cannot hold, escaped or not.
fn clean(text: &str) -> String {
    let lines = text.lines().map(width::harmless);
    lines
        .map(|line| {
            line.chars()
                .filter(|c| !matches!(c, '\u{fffe}' | '\u{ffff}'))
                .collect::<String>()
        })
        .collect::<Vec<_>>()
        .join("\n")
}
