//! `kprov explain`: what a known problem is, and what to do about it.

use std::fmt::Write as _;
use std::io::Read;
use std::path::Path;
use std::{fs, io};

use crate::cli::{Explain, Format, Global};
use crate::doctor;
use crate::error::{Error, Exit, Result};
use crate::problems::{self, Problem};
use crate::t;
use crate::text;
use crate::ui::Screen;

pub(super) fn run(global: &Global, options: &Explain, screen: &Screen) -> Result<Exit> {
    if options.markdown {
        screen.data(&page())?;
        return Ok(Exit::Done);
    }
    if let Some(finding) = options.id.as_deref().and_then(doctor::explained) {
        let found = match global.format {
            Format::Text => format!("{}\n{}\n\n{}\n", finding.id, finding.what, finding.advice),
            Format::Json => text::in_english(|| finding_json(&finding.id)),
        };
        screen.data(&found)?;
        return Ok(Exit::Done);
    }
    let problems: Vec<&Problem> = match (&options.id, &options.from) {
        (Some(id), _) => vec![named(id)?],
        (None, Some(file)) => problems::in_text(&read(file)?),
        (None, None) => problems::all().iter().collect(),
    };
    if global.format == Format::Json {
        let json = |problem: &&Problem| text::in_english(|| json(problem));
        let values: Vec<_> = problems.iter().map(json).collect();
        screen.data(&format!("{:#}\n", serde_json::Value::from(values)))?;
    } else if problems.is_empty() {
        screen.say(&t!("explain.nothing-known"));
    } else if options.id.is_none() && options.from.is_none() {
        screen.data(&list(&problems))?;
    } else {
        let texts: Vec<String> = problems.iter().map(|problem| long(problem)).collect();
        screen.data(&texts.join("\n"))?;
    }
    Ok(Exit::Done)
}

fn named(id: &str) -> Result<&'static Problem> {
    problems::named(id).ok_or_else(|| {
        let near = problems::all()
            .iter()
            .map(|problem| (strsim::jaro_winkler(&problem.id, &id.to_uppercase()), &problem.id))
            .max_by(|one, other| one.0.total_cmp(&other.0));
        let near = near.map_or("", |(_, id)| id.as_str());
        Error::usage(t!("explain.unknown", id = id)).hint(t!("explain.unknown-hint", near = near))
    })
}

fn read(file: &Path) -> Result<String> {
    let mut text = Vec::new();
    let read = if file == Path::new("-") {
        io::stdin().lock().read_to_end(&mut text).map(drop)
    } else {
        fs::read(file).map(|bytes| text = bytes)
    };
    read.map_err(|error| Error::usage(t!("cli.cannot-read", path = file.display())).cause(&error))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// An id and its first sentence a line.
fn list(problems: &[&Problem]) -> String {
    let width = problems
        .iter()
        .map(|problem| problem.id.len())
        .max()
        .unwrap_or_default();
    problems.iter().fold(String::new(), |mut text, problem| {
        let what = problem.what();
        let first = what.split_inclusive(". ").next().unwrap_or_default().trim_end();
        let _ = writeln!(text, "{:<width$}  {first}", problem.id);
        text
    })
}

fn long(problem: &Problem) -> String {
    let mut text = format!(
        "{}\n{}\n\n{}\n\n{}\n",
        problem.id,
        problem.what(),
        problem.advice(),
        t!("explain.said")
    );
    for line in problem.sample.lines() {
        let _ = writeln!(text, "  | {line}");
    }
    let _ = writeln!(text, "\n{}", problem.address());
    text
}

fn json(problem: &Problem) -> serde_json::Value {
    serde_json::json!({
        "id": problem.id, "what": problem.what(), "do": problem.advice(),
        "sample": problem.sample, "link": problem.address(),
    })
}

fn finding_json(id: &str) -> String {
    let values: Vec<_> = doctor::explained(id)
        .into_iter()
        .map(|finding| serde_json::json!({ "id": finding.id, "what": finding.what, "do": finding.advice }))
        .collect();
    format!("{:#}\n", serde_json::Value::from(values))
}

/// All of them as a page.
fn page() -> String {
    let mut page = format!("# {}\n\n{}\n", t!("explain.page-title"), t!("explain.page-lead"));
    for problem in problems::all() {
        let fence = "```";
        let _ = write!(
            page,
            "\n## {}\n\n{}\n\n{}\n\n{fence}text\n{}\n{fence}\n\n<{}>\n",
            problem.id,
            problem.what(),
            problem.advice(),
            problem.sample,
            problem.address()
        );
    }
    page
}
