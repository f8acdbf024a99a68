//! Known tables and keys with values of the right type: what can be told without understanding them.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::diagnostic::Diagnostic;
use super::document::{At, Section};
use super::schema::{TABLES, Table};
use super::values::right_type;
use super::words::{any_of, nearest};
use super::{Provider, unknown};
use crate::t;

/// Reports unknown tables and keys, values of the wrong type and required keys that are missing.
pub(super) fn check<'a>(
    tables: &[Table],
    root: &'a DeTable<'a>,
    source: &str,
    problems: &mut Vec<Diagnostic>,
) {
    for (name, value) in root {
        match tables.iter().find(|table| table.name == name.get_ref()) {
            Some(table) => check_table(tables, table, root, (name, value), source, problems),
            None => problems.push(unknown::table(tables, name, value)),
        }
    }
    for table in tables.iter().filter(|table| !table.repeated) {
        match root.get(table.name) {
            Some(value) if !value.get_ref().is_table() => {}
            Some(value) => missing_keys(table, root, &Section::of(value), problems),
            None => problems.extend(missing_table(tables, table, root, source)),
        }
    }
}

fn check_table<'a>(
    tables: &[Table],
    table: &Table,
    root: &'a DeTable<'a>,
    (name, value): (&Spanned<DeString<'_>>, &'a Spanned<DeValue<'a>>),
    source: &str,
    problems: &mut Vec<Diagnostic>,
) {
    let entries = match (table.repeated, value.get_ref()) {
        (false, DeValue::Table(keys)) => return check_keys(tables, table, keys, source, problems),
        (true, DeValue::Array(list)) if list.iter().all(|entry| entry.get_ref().is_table()) => list,
        (false, DeValue::Array(list)) if !list.is_empty() => {
            let found = t!("spec.found-repeated", table = table.name);
            problems.push(no_table(
                table,
                list.first().map_or(value.span(), Spanned::span),
                &found,
            ));
            return;
        }
        (true, DeValue::Table(_)) => {
            let found = t!("spec.found-single", table = table.name);
            problems.push(no_table(table, value.span(), &found));
            return;
        }
        _ => {
            problems.push(no_table(table, name.span(), &t!("spec.found-key")));
            return;
        }
    };
    for entry in entries {
        if let Some(keys) = entry.get_ref().as_table() {
            check_keys(tables, table, keys, source, problems);
            missing_keys(table, root, &Section::of(entry), problems);
        }
    }
}

fn no_table(table: &Table, place: Range<usize>, found: &str) -> Diagnostic {
    let header = table.header();
    Diagnostic::new(
        place,
        t!("spec.no-table", table = table.name, found = found),
        found,
    )
    .help(t!("spec.no-table-help", header = header))
}

fn check_keys(
    tables: &[Table],
    table: &Table,
    keys: &DeTable<'_>,
    source: &str,
    problems: &mut Vec<Diagnostic>,
) {
    for (name, value) in keys {
        match table.keys.iter().find(|key| key.name == name.get_ref()) {
            Some(key) => problems.extend(right_type(table, key, value, source)),
            None => problems.push(unknown::key(tables, table, name)),
        }
    }
}

fn missing_keys(table: &Table, root: &DeTable<'_>, section: &Section<'_>, problems: &mut Vec<Diagnostic>) {
    for key in table
        .keys
        .iter()
        .filter(|key| key.required && !section.has(key.name))
    {
        // A key with a slip of the pen, or in front of its table, is there; it has a diagnostic already.
        let known = |name: &str| table.keys.iter().any(|key| key.name == name);
        let misspelt = section
            .keys()
            .any(|name| !known(name) && nearest(name, [key.name]).is_some());
        if misspelt || root.contains_key(key.name) {
            continue;
        }
        let help = t!("spec.write", line = format!("{} = {}", key.name, key.example));
        problems.push(
            Diagnostic::new(
                section.header.clone(),
                t!("spec.missing-key", key = key.name, header = table.header()),
                t!("spec.missing-key-here", key = key.name),
            )
            .help(help),
        );
    }
}

fn missing_table(tables: &[Table], table: &Table, root: &DeTable<'_>, source: &str) -> Option<Diagnostic> {
    let required: Vec<_> = table.keys.iter().filter(|key| key.required).collect();
    let known = |name: &str| tables.iter().any(|table| table.name == name);
    let misspelt = root
        .keys()
        .any(|name| !known(name.get_ref()) && nearest(name.get_ref(), [table.name]).is_some());
    if required.is_empty() || misspelt {
        return None;
    }
    let lines = required.iter().fold(table.header(), |lines, key| {
        format!("{lines}\n{} = {}", key.name, key.example)
    });
    let header = table.header();
    let place = source.trim_end().len();
    let message = t!("spec.missing-table", header = header);
    let label = t!("spec.missing-table-here", header = header);
    Some(Diagnostic::new(place..place, message, label).help(t!("spec.add", lines = lines)))
}

/// Reports tables and keys that make no sense with the provider.
pub(super) fn check_provider<'a>(
    root: &'a DeTable<'a>,
    provider: &At<Provider>,
    problems: &mut Vec<Diagnostic>,
) {
    for (name, value) in root {
        let Some(table) = TABLES.iter().find(|table| table.name == name.get_ref()) else {
            continue;
        };
        if !table.only.contains(&provider.value) {
            let place = Section::of(value).header;
            problems.push(of_no_use(&table.header(), place, table.only, provider));
            continue;
        }
        let list = value.get_ref().as_array();
        let entries = list.into_iter().flat_map(|list| list.iter()).chain([value]);
        for keys in entries.filter_map(|entry| entry.get_ref().as_table()) {
            for (name, _) in keys {
                let key = table.keys.iter().find(|key| key.name == name.get_ref());
                if let Some(key) = key.filter(|key| !key.only.contains(&provider.value)) {
                    let what = format!("`{}`", key.name);
                    problems.push(of_no_use(&what, name.span(), key.only, provider));
                }
            }
        }
    }
}

fn of_no_use(what: &str, place: Range<usize>, only: &[Provider], provider: &At<Provider>) -> Diagnostic {
    let others = any_of(only.iter().map(|provider| format!("\"{provider}\"")));
    let message = t!("spec.wrong-provider", what = what, provider = provider.value);
    let diagnostic = Diagnostic::new(place, message, t!("spec.wrong-provider-here", providers = others))
        .also(
            provider.at.clone(),
            t!("spec.provider-is", provider = provider.value),
        );
    if provider.value == Provider::Ssh {
        diagnostic.help(t!("spec.wrong-provider-ssh-help", what = what))
    } else {
        diagnostic.help(t!("spec.wrong-provider-help", what = what, providers = others))
    }
}
