//! `labs.toml`: what an instructor wants to see on a student's cluster, and what it counts.

use std::ops::Range;
use std::path::Path;

use toml::de::DeTable;

use super::diagnostic::{Diagnostic, Diagnostics, shown};
use super::document::Section;
use super::read::{self, ReadError};
use super::schema::LAB_TABLES;
use super::words::any_of;
use crate::error::Error;
use crate::names::check_label;
use crate::t;

/// An instructor's checks, in the file's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labs {
    /// What all of them are about.
    pub title: Option<String>,
    /// At least one.
    pub checks: Vec<LabCheck>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabCheck {
    /// Its name, unlike that of any other.
    pub name: String,
    /// What has to hold, for the reader.
    pub title: String,
    /// What it counts.
    pub points: u32,
    /// For how long it may not hold yet.
    pub seconds: u64,
    /// What to try when it does not hold.
    pub hint: Option<String>,
    /// What is looked at.
    pub task: Task,
}

/// What a check looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// kprov's own checks of that name, all of which have to hold.
    Verify(String),
    /// A shell command on the first control plane, which has to end with status 0.
    Command {
        /// The command.
        command: String,
        /// Words that its output has to hold.
        expect: Option<String>,
    },
    /// A web address, asked from this computer.
    Request {
        /// The address.
        url: String,
        /// The status that has to come back.
        status: u16,
        /// Words that the page has to hold.
        expect: Option<String>,
    },
    /// A field of an object in the cluster.
    Field {
        /// The object, such as `deployment/web`.
        object: String,
        /// Its namespace.
        namespace: String,
        /// The field, as a `JSONPath` such as `{.spec.replicas}`.
        field: String,
        /// The value that it has to have.
        expect: String,
    },
}

const MOST_POINTS: i64 = 1000;
const MOST_SECONDS: i64 = 600;

/// The keys that say what is looked at; a check has one of them.
const TASKS: [&str; 4] = ["verify", "command", "request", "object"];

/// Reads and checks an instructor's file. `known` says whether kprov has a check of a name, and `names` are all of them.
///
/// # Errors
/// As for a cluster's own file: all problems at once, each with its line.
pub fn read_labs(file: &Path, names: &[String], known: &dyn Fn(&str) -> bool) -> Result<Labs, ReadError> {
    if !file.exists() {
        let error = Error::usage(t!("labs.no-file", file = file.display()));
        return Err(ReadError::File(error.hint(t!("labs.no-file-hint"))));
    }
    let text = read::text_of(file)?;
    parse_labs(file, &text, names, known).map_err(ReadError::Diagnostics)
}

/// Checks the text of such a file.
///
/// # Errors
/// Every problem that it has, in the order of its lines.
pub fn parse_labs(
    file: &Path,
    text: &str,
    names: &[String],
    known: &dyn Fn(&str) -> bool,
) -> Result<Labs, Diagnostics> {
    read::document(file, text, LAB_TABLES, &|root, problems| {
        let mut checks = Vec::new();
        for section in Section::all_named(root, "check") {
            checks.extend(check(&section, names, known, problems));
        }
        same_names(root, problems);
        if Section::all_named(root, "check").is_empty() {
            let place = text.trim_end().len();
            problems.push(
                Diagnostic::new(place..place, t!("labs.none"), t!("labs.none-here"))
                    .help(t!("labs.none-help")),
            );
        }
        let lab = Section::named(root, "lab");
        Some(Labs {
            title: lab.text("title").map(|title| title.value.to_owned()),
            checks,
        })
    })
}

fn check(
    section: &Section<'_>,
    names: &[String],
    known: &dyn Fn(&str) -> bool,
    problems: &mut Vec<Diagnostic>,
) -> Option<LabCheck> {
    let name = section.text("name")?;
    if check_label(name.value).is_err() {
        let place = name.place_or(&section.header);
        let message = t!("spec.label", key = "name", value = shown(name.value));
        problems.push(Diagnostic::new(place, message, t!("labs.name-here")).help(t!("labs.name-help")));
    }
    let text = |key: &str| section.text(key).map(|text| text.value.to_owned());
    Some(LabCheck {
        name: name.value.to_owned(),
        title: text("title").unwrap_or_else(|| name.value.to_owned()),
        points: number(section, "points", 1, 0..MOST_POINTS + 1, problems)?,
        seconds: number(section, "seconds", 10, 1..MOST_SECONDS + 1, problems)?.into(),
        hint: text("hint"),
        task: task(section, names, known, problems)?,
    })
}

fn number(
    section: &Section<'_>,
    key: &str,
    default: u32,
    allowed: Range<i64>,
    problems: &mut Vec<Diagnostic>,
) -> Option<u32> {
    let Some(number) = section.whole(key) else {
        return Some(default);
    };
    if allowed.contains(&number.value) {
        return u32::try_from(number.value).ok();
    }
    let message = t!("spec.out-of-bounds", key = key, value = number.value);
    let label = t!(
        "spec.out-of-bounds-here",
        least = allowed.start,
        most = allowed.end - 1
    );
    problems.push(Diagnostic::new(number.place_or(&section.header), message, label));
    None
}

fn task(
    section: &Section<'_>,
    names: &[String],
    known: &dyn Fn(&str) -> bool,
    problems: &mut Vec<Diagnostic>,
) -> Option<Task> {
    let given: Vec<&str> = TASKS.into_iter().filter(|key| section.has(key)).collect();
    let kinds = any_of(TASKS.iter().map(|key| format!("`{key}`")));
    let place = |key: &str| {
        section
            .value(key)
            .map_or(section.header.clone(), toml::Spanned::span)
    };
    let [kind] = given[..] else {
        problems.push(match given[..] {
            [_, second, ..] => Diagnostic::new(
                place(second),
                t!("labs.two-tasks"),
                t!("labs.two-tasks-here", kinds = kinds),
            ),
            _ => Diagnostic::new(
                section.header.clone(),
                t!("labs.no-task"),
                t!("labs.no-task-here", kinds = kinds),
            ),
        });
        return None;
    };
    for (key, kinds) in [
        ("field", &["object"][..]),
        ("namespace", &["object"]),
        ("status", &["request"]),
        ("expect", &["command", "request", "object"]),
    ] {
        if section.has(key) && !kinds.contains(&kind) {
            let with = any_of(kinds.iter().map(|kind| format!("`{kind}`")));
            let message = t!("labs.of-no-use", key = key, kind = kind);
            problems.push(Diagnostic::new(
                place(key),
                message,
                t!("labs.of-no-use-here", kinds = with),
            ));
        }
    }
    let text = |key: &str| section.text(key).map(|text| text.value.to_owned());
    let subject = section.text(kind)?;
    let subject_place = subject.place_or(&section.header);
    let subject = subject.value.to_owned();
    match kind {
        "verify" => {
            if !known(&subject) {
                let message = t!("labs.unknown-check", name = shown(&subject));
                let mut problem = Diagnostic::new(subject_place, message, t!("labs.unknown-check-here"));
                if let Some(near) = super::words::nearest(&subject, names.iter().map(String::as_str)) {
                    problem = problem.help(t!("spec.did-you-mean", name = near));
                }
                problems.push(problem);
            }
            Some(Task::Verify(subject))
        }
        "command" => Some(Task::Command {
            command: subject,
            expect: text("expect"),
        }),
        "request" => {
            if !["http://", "https://"]
                .iter()
                .any(|start| subject.starts_with(start))
            {
                let message = t!("spec.form", key = "request", value = shown(&subject));
                problems.push(Diagnostic::new(subject_place, message, t!("labs.request-here")));
            }
            let status = number(section, "status", 200, 100..600, problems)?;
            Some(Task::Request {
                url: subject,
                status: u16::try_from(status).ok()?,
                expect: text("expect"),
            })
        }
        _ => {
            let well_formed =
                |part: &str| !part.is_empty() && !part.contains([' ', ',']) && !part.starts_with('-');
            let parts: Vec<&str> = subject.split('/').collect();
            if !(parts.len() == 2 && parts.iter().all(|part| well_formed(part))) {
                let message = t!("spec.form", key = "object", value = shown(&subject));
                problems.push(Diagnostic::new(subject_place, message, t!("labs.object-here")));
            }
            for key in ["field", "expect"] {
                if !section.has(key) {
                    let message = t!("labs.lacks", key = key);
                    problems.push(Diagnostic::new(
                        section.header.clone(),
                        message,
                        t!("labs.lacks-here", key = key),
                    ));
                }
            }
            Some(Task::Field {
                object: subject,
                namespace: text("namespace").unwrap_or_else(|| "default".to_owned()),
                field: text("field")?,
                expect: text("expect")?,
            })
        }
    }
}

fn same_names(root: &DeTable<'_>, problems: &mut Vec<Diagnostic>) {
    let mut seen: Vec<(String, Option<Range<usize>>)> = Vec::new();
    for section in Section::all_named(root, "check") {
        let Some(name) = section.text("name") else {
            continue;
        };
        if let Some((_, first)) = seen.iter().find(|(other, _)| *other == name.value) {
            let message = t!("labs.same-name", name = name.value);
            let place = name.place_or(&section.header);
            problems.push(
                Diagnostic::new(place, message, t!("spec.again-here"))
                    .also(first.clone(), t!("spec.first-here")),
            );
        }
        seen.push((name.value.to_owned(), name.at));
    }
}
