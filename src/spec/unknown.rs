//! Tables and keys that no file has, with what was most likely meant.

use toml::Spanned;
use toml::de::{DeString, DeValue};

use super::diagnostic::{Diagnostic, shown};
use super::schema::Table;
use super::words::{any_of, nearest};
use crate::t;

/// A table, or a key outside of all tables.
pub(super) fn table(
    tables: &[Table],
    name: &Spanned<DeString<'_>>,
    value: &Spanned<DeValue<'_>>,
) -> Diagnostic {
    let names: Vec<_> = tables.iter().map(|table| table.name).collect();
    let header = |name: &str| {
        let known = tables.iter().find(|table| table.name == name);
        known.map_or_else(String::new, Table::header)
    };
    let written = shown(name.get_ref());
    let is_table = match value.get_ref() {
        DeValue::Table(_) => true,
        DeValue::Array(list) => list.first().is_some_and(|entry| entry.get_ref().is_table()),
        _ => false,
    };
    let home = homes(tables, name.get_ref());
    let message = if is_table {
        t!("spec.unknown-table", table = written)
    } else {
        t!("spec.key-outside", key = written)
    };
    let help = match (nearest(name.get_ref(), names.iter().copied()), home) {
        (Some(near), _) if is_table => t!("spec.did-you-mean", name = header(near)),
        (_, Some(home)) => t!("spec.key-elsewhere", key = written, tables = home),
        (Some(near), None) => t!("spec.did-you-mean", name = header(near)),
        (None, None) => t!("spec.known-tables", tables = names.join(", ")),
    };
    Diagnostic::new(name.span(), message, t!("spec.unknown-here")).help(help)
}

/// A key of a known table.
pub(super) fn key(tables: &[Table], table: &Table, name: &Spanned<DeString<'_>>) -> Diagnostic {
    let written = shown(name.get_ref());
    let known: Vec<_> = table.keys.iter().map(|key| key.name).collect();
    let elsewhere = homes(tables, name.get_ref());
    let help = match (nearest(name.get_ref(), known.iter().copied()), elsewhere) {
        (Some(near), _) => t!("spec.did-you-mean", name = near),
        (None, Some(home)) => t!("spec.key-elsewhere", key = written, tables = home),
        (None, None) => t!("spec.known-keys", table = table.name, keys = known.join(", ")),
    };
    let message = t!("spec.unknown-key", key = written, table = table.name);
    Diagnostic::new(name.span(), message, t!("spec.unknown-here")).help(help)
}

/// The tables that have a key of that name, as a choice.
fn homes(tables: &[Table], key: &str) -> Option<String> {
    let tables = tables
        .iter()
        .filter(|table| table.keys.iter().any(|known| known.name == key));
    Some(any_of(tables.map(Table::header))).filter(|tables| !tables.is_empty())
}
