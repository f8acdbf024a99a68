//! The report as one page that stands alone.

use serde::Serialize;
use tera::Context;

use super::proof::{About, Proof};
use super::{Mark, Row, picture};
use crate::t;
use crate::ui::{amount, page, timeline, width};

/// The words of the page.
#[derive(Serialize)]
struct Words {
    title: String,
    verdict: String,
    score: Option<String>,
    picture: String,
    ways: String,
    checks: String,
    commands: String,
    seen: String,
    output: String,
    hints: String,
    timeline: String,
    here: String,
    node_network: String,
    pod_network: String,
}

#[derive(Serialize)]
struct Group {
    name: String,
    rows: Vec<Check>,
}

#[derive(Serialize)]
struct Check {
    id: String,
    mark: Mark,
    sign: &'static str,
    word: String,
    title: String,
    seen: String,
    time: String,
    points: Option<String>,
    commands: String,
    output: String,
    hints: String,
}

impl About {
    /// What stands at the head of a page, as names and values; what is not known is left out.
    pub(super) fn facts(&self) -> Vec<(String, String)> {
        [
            (t!("report.cluster"), self.cluster.clone()),
            (t!("report.kubernetes"), self.kubernetes.clone()),
            (t!("report.provider"), self.provider.clone()),
            (
                t!("report.began"),
                self.began.replace('T', " ").replace('Z', " UTC"),
            ),
            ("kprov".to_owned(), self.kprov.clone()),
        ]
        .into_iter()
        .map(|(name, value)| (name, width::harmless(&value)))
        .filter(|(_, value)| !value.is_empty())
        .collect()
    }
}

pub fn draw(proof: &Proof) -> String {
    let report = &proof.report;
    let words = Words {
        title: t!("report.title", cluster = width::harmless(&proof.about.cluster)),
        verdict: report.headline(),
        score: report.score.as_ref().map(ToString::to_string),
        picture: t!("report.picture"),
        ways: t!("report.ways"),
        checks: t!("report.checks"),
        commands: t!("report.commands"),
        seen: t!("report.head-seen"),
        output: t!("report.output"),
        hints: t!("report.hints"),
        timeline: t!("report.timeline"),
        here: t!("report.here"),
        node_network: t!("report.node-network"),
        pod_network: t!("report.pod-network"),
    };
    let groups: Vec<Group> = report
        .rows
        .chunk_by(|a, b| a.check.lane == b.check.lane)
        .map(|rows| Group {
            name: rows[0].check.lane.to_string(),
            rows: rows.iter().map(check).collect(),
        })
        .collect();
    let mut context = Context::new();
    timeline::fill(&proof.timeline, &mut context);
    context.insert("words", &words);
    context.insert("about", &proof.about.facts());
    context.insert("report", &serde_json::json!({ "failed": report.failed }));
    context.insert("groups", &groups);
    context.insert("drawing", &picture::draw(&proof.picture, report));
    page::fill("report.html", &context)
}

/// With their places in front where there are several: the likeliest comes first.
fn numbered(hints: &[String]) -> Vec<String> {
    if hints.len() < 2 {
        return hints.to_vec();
    }
    let hints = hints.iter().enumerate();
    hints
        .map(|(index, hint)| format!("{}. {hint}", index + 1))
        .collect()
}

fn check(row: &Row) -> Check {
    let lines = |lines: &[String]| {
        let lines = lines.iter().flat_map(|text| text.lines().map(width::harmless));
        lines.collect::<Vec<_>>().join("\n")
    };
    Check {
        id: row.check.to_string(),
        mark: row.mark,
        sign: row.mark.sign(),
        word: row.mark.word(),
        title: row.title.clone(),
        seen: row.seen.clone(),
        time: match row.mark {
            Mark::Skip => String::new(),
            _ => amount::seconds(row.took_ms),
        },
        points: row.points.as_ref().map(ToString::to_string),
        commands: lines(&row.commands),
        output: lines(&[row.output.clone(), row.evidence.clone()].concat()),
        hints: lines(&numbered(&row.hints)),
    }
}
