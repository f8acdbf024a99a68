//! `kprov explain`: what a known problem or a finding of the doctor's is, and what to do about it.

use std::fmt::Write as _;
use std::io::Read;
use std::path::Path;
use std::{fs, io};

use crate::cli::{Explain, Format, Global};
use crate::doctor::{self, Explained};
use crate::error::{Error, Exit, Result};
use crate::problems::{self, Problem};
use crate::t;
use crate::text;
use crate::ui::Screen;

/// How much alike an id and what was written are, from 0 to 1, if the one was meant by the other.
const ALIKE: f64 = 0.8;

/// What can be explained: `0xx` is found by looking at a computer, `1xx` by what a program says.
enum Entry {
    Finding(Explained),
    Problem(&'static Problem),
}

pub(super) fn run(global: &Global, options: &Explain, screen: &Screen) -> Result<Exit> {
    if options.markdown {
        screen.data(&page())?;
        return Ok(Exit::Done);
    }
    let entries: Vec<Entry> = match (&options.id, &options.from) {
        (Some(id), _) => named(id)?,
        (None, Some(file)) => {
            let known = problems::in_text(&read(file)?).into_iter();
            known.map(Entry::Problem).collect()
        }
        (None, None) => all(),
    };
    if global.format == Format::Json {
        // Made anew in English: what a finding says is text already.
        let values = text::in_english(|| {
            let again = entries.iter().filter_map(|entry| find(entry.id()));
            again.map(|entry| json(&entry)).collect::<Vec<_>>()
        });
        screen.data(&format!("{:#}\n", serde_json::Value::from(values)))?;
    } else if entries.is_empty() {
        screen.say(&t!("explain.nothing-known"));
    } else if options.id.is_none() && options.from.is_none() {
        screen.data(&list(&entries))?;
    } else {
        let texts: Vec<String> = entries.iter().map(long).collect();
        screen.data(&texts.join("\n"))?;
    }
    Ok(Exit::Done)
}

/// What the doctor finds in the order of ids, then what programs say in the order in which it is recognised.
fn all() -> Vec<Entry> {
    let findings = doctor::ids().into_iter().filter_map(|id| find(&id));
    findings
        .chain(problems::all().iter().map(Entry::Problem))
        .collect()
}

fn find(id: &str) -> Option<Entry> {
    let problem = problems::named(id).map(Entry::Problem);
    problem.or_else(|| doctor::explained(id).map(Entry::Finding))
}

/// By its id, or else by what a program says of it.
fn named(id: &str) -> Result<Vec<Entry>> {
    if let Some(entry) = find(id) {
        return Ok(vec![entry]);
    }
    let known: Vec<_> = problems::in_text(id).into_iter().map(Entry::Problem).collect();
    if !known.is_empty() {
        return Ok(known);
    }
    let ids = all().into_iter().map(|entry| entry.id().to_owned());
    let near = ids
        .map(|known| (strsim::jaro_winkler(&known, &id.to_uppercase()), known))
        .filter(|(likeness, _)| *likeness > ALIKE)
        .max_by(|one, other| one.0.total_cmp(&other.0));
    let hint = near.map_or_else(
        || t!("explain.unknown-list"),
        |(_, near)| t!("explain.unknown-hint", near = near),
    );
    Err(Error::usage(t!("explain.unknown", id = id)).hint(hint))
}

impl Entry {
    fn id(&self) -> &str {
        match self {
            Self::Finding(finding) => &finding.id,
            Self::Problem(problem) => &problem.id,
        }
    }

    fn what(&self) -> String {
        match self {
            Self::Finding(finding) => finding.what.clone(),
            Self::Problem(problem) => problem.what(),
        }
    }

    /// What to do: what holds anywhere, then what a system has of its own under the system's name.
    fn advice(&self) -> String {
        let parts = match self {
            Self::Finding(finding) => finding.advice.clone(),
            Self::Problem(problem) => problem.advice_everywhere(),
        };
        let mut text = String::new();
        for (system, advice) in parts {
            if let Some(system) = system {
                let between = if text.is_empty() { "" } else { "\n\n" };
                let _ = writeln!(text, "{between}{system}:");
            }
            text += &advice;
        }
        text
    }
}

fn read(file: &Path) -> Result<String> {
    let mut text = Vec::new();
    let read = if file == Path::new("-") {
        io::stdin().lock().read_to_end(&mut text).map(drop)
    } else {
        fs::read(file).map(|bytes| text = bytes)
    };
    read.map_err(|error| Error::cannot_read(file, &error).exits(Exit::Usage))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// An id and its first sentence a line.
fn list(entries: &[Entry]) -> String {
    let width = entries
        .iter()
        .map(|entry| entry.id().len())
        .max()
        .unwrap_or_default();
    entries.iter().fold(String::new(), |mut text, entry| {
        let what = entry.what();
        let first = what.split_inclusive(". ").next().unwrap_or_default().trim_end();
        let _ = writeln!(text, "{:<width$}  {first}", entry.id());
        text
    })
}

fn long(entry: &Entry) -> String {
    let mut text = format!("{}\n{}\n\n{}\n", entry.id(), entry.what(), entry.advice());
    if let Entry::Problem(problem) = entry {
        let _ = writeln!(text, "\n{}", t!("explain.said"));
        for line in problem.sample.lines() {
            let _ = writeln!(text, "  | {line}");
        }
        let _ = writeln!(text, "\n{}", problem.address());
    }
    text
}

fn json(entry: &Entry) -> serde_json::Value {
    let mut value = serde_json::json!({ "id": entry.id(), "what": entry.what(), "do": entry.advice() });
    if let Entry::Problem(problem) = entry {
        value["sample"] = problem.sample.as_str().into();
        value["link"] = problem.address().into();
    }
    value
}

/// All of them as a page, in two chapters: what the doctor finds, and what programs say.
fn page() -> String {
    let (findings, said): (Vec<_>, Vec<_>) = all()
        .into_iter()
        .partition(|entry| matches!(entry, Entry::Finding(_)));
    let mut page = format!("# {}\n\n{}\n", t!("explain.page-title"), t!("explain.page-lead"));
    for (title, entries) in [
        (t!("explain.page-found"), findings),
        (t!("explain.page-said"), said),
    ] {
        let _ = write!(page, "\n## {title}\n");
        for entry in entries {
            let (id, what, advice) = (entry.id(), entry.what(), entry.advice());
            let _ = write!(page, "\n### {id}\n\n{what}\n\n{advice}\n");
            if let Entry::Problem(problem) = entry {
                let fence = "```";
                let (sample, address) = (&problem.sample, problem.address());
                let _ = write!(page, "\n{fence}text\n{sample}\n{fence}\n\n<{address}>\n");
            }
        }
    }
    page
}
