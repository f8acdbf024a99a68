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
    for error in errors {
        let place = error.span().unwrap_or(0..0);
        let problem = match error.message().split(',').next().unwrap_or_default() {
            "duplicate key" => duplicate(place, root, source),
            "string values must be quoted"
            | "invalid float"
            | "invalid integer"
            | "invalid datetime"
            | "invalid boolean" => unquoted(&place, source),
            _ => {
                syntax.lost = true;
                let detail = error.message();
                Diagnostic::new(place, t!("spec.syntax"), detail).help(t!("spec.syntax-help"))
            }
        };
        syntax.problems.push(problem);
    }
    syntax
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
        (
            t!("spec.duplicate-key", key = key),
            t!("spec.duplicate-key-help", key = key),
        )
    };
    let first = last_before(root, name.trim_matches(['"', '\'']), place.start);
    Diagnostic::new(place, message, t!("spec.duplicate-here"))
        .also(first, t!("spec.first-here"))
        .help(help)
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
    let quoted = format!("{} = \"{}\"", shown(key), shown(value).replace(['"', '\''], ""));
    Diagnostic::new(
        start..start + value.len(),
        t!("spec.unquoted", key = shown(key)),
        t!("spec.unquoted-here"),
    )
    .help(t!("spec.write", line = quoted))
}
