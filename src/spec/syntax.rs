//! Mistakes in the TOML itself, in the words and the form of every other diagnostic.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue, Error};

use super::diagnostic::{Diagnostic, shown};
use crate::t;

/// The diagnostics of a file's TOML errors.
pub(super) struct Syntax {
    /// One for every error.
    pub problems: Vec<Diagnostic>,
    /// Whether the rest of the file may have been read wrongly, so that other rules would mislead.
    pub lost: bool,
}

/// Turns the parser's errors into diagnostics.
pub(super) fn diagnose(errors: &[Error], root: &DeTable<'_>, source: &str) -> Syntax {
    let mut syntax = Syntax {
        problems: Vec::new(),
        lost: false,
    };
    let mut lines = Vec::new();
    for error in errors {
        let place = error.span().unwrap_or(0..0);
        if let Some((line, problem)) = yaml(&place, source) {
            // The parser stumbles over such a line more than once.
            if !lines.contains(&line) {
                lines.push(line);
                syntax.problems.push(problem);
            }
            syntax.lost = true;
            continue;
        }
        let problem = match error.message().split(',').next().unwrap_or_default() {
            "duplicate key" => duplicate(place, root, source),
            "string values must be quoted"
            | "invalid float"
            | "invalid integer"
            | "invalid datetime"
            | "invalid boolean" => unquoted(&place, source),
            _ => {
                syntax.lost = true;
                foreign(&place, source).unwrap_or_else(|| broken(place, error.message()))
            }
        };
        syntax.problems.push(problem);
    }
    syntax
}

/// A line `key: value`, as YAML has it, with where it begins.
fn yaml(place: &Range<usize>, source: &str) -> Option<(usize, Diagnostic)> {
    let start = source
        .get(..place.start)?
        .rfind('\n')
        .map_or(0, |newline| newline + 1);
    let line = source[start..].lines().next()?;
    let (key, value) = line.split_once(':')?;
    let is_key = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if key.trim().is_empty() || !key.trim().chars().all(is_key) {
        return None;
    }
    let value = value.split(" #").next().unwrap_or_default().trim();
    let is_written =
        value.parse::<i64>().is_ok() || ["true", "false"].contains(&value) || value.starts_with(['"', '[']);
    let written = if is_written {
        shown(value)
    } else {
        format!("\"{}\"", bare(&shown(value)))
    };
    let at = start + key.len();
    let problem = Diagnostic::new(
        at..at + 1,
        t!("spec.colon", key = shown(key.trim())),
        t!("spec.colon-here"),
    )
    .help(t!(
        "spec.write",
        line = format!("{} = {written}", shown(key.trim()))
    ));
    Some((start, problem))
}

/// A value without its quotes, also those that word processors make of them.
fn bare(value: &str) -> String {
    value.replace(['"', '\'', '\u{201c}', '\u{201d}', '\u{2018}', '\u{2019}'], "")
}

/// A space, quote or equals sign that is not ASCII, where only such are possible: it came along with a copied text.
fn foreign(place: &Range<usize>, source: &str) -> Option<Diagnostic> {
    let character = source.get(place.start..)?.chars().next()?;
    if character.is_ascii() || character.is_alphanumeric() {
        return None;
    }
    let code = format!("{:04X}", u32::from(character));
    let end = place.start + character.len_utf8();
    let problem = Diagnostic::new(
        place.start..end,
        t!("spec.syntax"),
        t!("spec.syntax-character", code = code),
    );
    Some(problem.help(t!("spec.syntax-character-help")))
}

/// What cannot be read on; the parser's own words are kept as its reason.
fn broken(place: Range<usize>, detail: &str) -> Diagnostic {
    let has = |words: &[&str]| words.iter().any(|word| detail.contains(word));
    let label = if has(&["basic string", "literal string", "opening quote"]) {
        t!("spec.syntax-quote")
    } else if has(&["unclosed table", "unclosed array table", "table open"]) {
        t!("spec.syntax-header")
    } else if has(&["array", "comma"]) {
        t!("spec.syntax-list")
    } else if has(&[
        "no value",
        "missing value",
        "missing assignment",
        "key-value pair",
    ]) {
        t!("spec.syntax-value")
    } else {
        t!("spec.syntax-here")
    };
    Diagnostic::new(place, t!("spec.syntax"), label)
        .why(t!("spec.syntax-why", detail = detail))
        .help(t!("spec.syntax-help"))
}

fn duplicate(place: Range<usize>, root: &DeTable<'_>, source: &str) -> Diagnostic {
    let name = source.get(place.clone()).unwrap_or_default();
    let header = source[..place.start].trim_end().ends_with('[');
    let (message, help) = if header {
        let table = shown(name);
        (
            t!("spec.duplicate-table", table = table),
            t!("spec.duplicate-table-help", table = table),
        )
    } else {
        let key = shown(name.trim_matches(['"', '\'']));
        (t!("spec.duplicate-key", key = key), t!("spec.duplicate-key-help"))
    };
    let first = if header {
        header_before(name, &source[..place.start])
    } else {
        last_before(root, name.trim_matches(['"', '\'']), place.start)
    };
    Diagnostic::new(place, message, t!("spec.duplicate-here"))
        .also(first, t!("spec.first-here"))
        .help(help)
}

/// The header `[name]` that stands last in a text; the parser keeps only the second place of a table.
fn header_before(name: &str, text: &str) -> Option<Range<usize>> {
    let header = format!("[{name}]");
    let at = text.rmatch_indices(&header).map(|(at, _)| at);
    let start = at
        .into_iter()
        .find(|at| *at == 0 || text[..*at].ends_with('\n'))?;
    Some(start..start + header.len())
}

/// The key `name` that stands last before `end`, in whatever table: a table's keys stand together.
fn last_before(table: &DeTable<'_>, name: &str, end: usize) -> Option<Range<usize>> {
    let inner = |value: &Spanned<DeValue<'_>>| match value.get_ref() {
        DeValue::Table(table) => last_before(table, name, end),
        DeValue::Array(list) => list
            .iter()
            .filter_map(|entry| entry.get_ref().as_table())
            .filter_map(|table| last_before(table, name, end))
            .max_by_key(|place| place.start),
        _ => None,
    };
    let own = table
        .iter()
        .filter(|(key, _)| key.get_ref() == name)
        .map(|(key, _)| key.span());
    own.filter(|place| place.end <= end)
        .chain(table.iter().filter_map(|(_, value)| inner(value)))
        .max_by_key(|place| place.start)
}

/// A value that lacks its quotes, which is the whole rest of the line up to a comment.
fn unquoted(place: &Range<usize>, source: &str) -> Diagnostic {
    let before = source.get(..place.start).unwrap_or_default();
    let line = before.rfind('\n').map_or(0, |newline| newline + 1);
    let start = before[line..]
        .find('=')
        .map_or(place.start, |equals| line + equals + 1);
    let rest = source[start..].split(['\n', '#']).next().unwrap_or_default();
    let start = start + rest.len() - rest.trim_start().len();
    let value = rest.trim();
    let key = source[line..start].split('=').next().unwrap_or_default().trim();
    let quoted = format!("{} = \"{}\"", shown(key), bare(&shown(value)));
    Diagnostic::new(
        start..start + value.len(),
        t!("spec.unquoted", key = shown(key)),
        t!("spec.unquoted-here"),
    )
    .help(t!("spec.write", line = quoted))
}
