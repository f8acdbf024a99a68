//! Values of the wrong type, with the right one written out where the wrong one tells it.

use toml::Spanned;
use toml::de::DeValue;

use super::diagnostic::{Diagnostic, shown};
use super::schema::{Key, Kind, Table};
use super::{document, size};
use crate::t;

/// Nothing where the value has the type that its key needs.
pub(super) fn right_type(
    table: &Table,
    key: &Key,
    value: &Spanned<DeValue<'_>>,
    source: &str,
) -> Option<Diagnostic> {
    if fits(key.kind, value.get_ref()) {
        return None;
    }
    let raw = source.get(value.span()).unwrap_or_default();
    let found = type_name(value.get_ref());
    let message = t!(
        "spec.wrong-type",
        key = key.name,
        table = table.name,
        wanted = wanted(key.kind),
        found = found
    );
    let line = format!("{} = {}", key.name, meant(key, value.get_ref(), raw));
    let label = t!("spec.wrong-type-here", found = found);
    let diagnostic = Diagnostic::new(value.span(), message, label).help(t!("spec.write", line = line));
    Some(if key.name == "memory" && value.get_ref().is_integer() {
        diagnostic.why(t!("spec.size-why"))
    } else {
        diagnostic
    })
}

fn wanted(kind: Kind) -> String {
    match kind {
        Kind::Text => t!("spec.type-text"),
        Kind::Whole => t!("spec.type-whole"),
        Kind::Texts => t!("spec.type-texts"),
        Kind::TextOrFalse => t!("spec.type-text-or-false"),
        Kind::Flag => t!("spec.type-flag"),
    }
}

fn type_name(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(_) => t!("spec.type-text"),
        DeValue::Integer(_) => t!("spec.type-whole"),
        DeValue::Float(_) => t!("spec.type-float"),
        DeValue::Boolean(value) => t!("spec.type-boolean", value = value),
        DeValue::Datetime(_) => t!("spec.type-date"),
        DeValue::Array(_) => t!("spec.type-list"),
        DeValue::Table(_) => t!("spec.type-table"),
    }
}

/// The value that was most likely meant, as a file has it: quoted, unquoted, with a unit, in a list.
fn meant(key: &Key, value: &DeValue<'_>, raw: &str) -> String {
    let plain = shown(raw);
    match (key.kind, value) {
        (Kind::Text, DeValue::Integer(_)) if key.name == "memory" => match size::parse_mib(raw) {
            Err(Some(size)) => format!("\"{size}\""),
            _ => key.example.to_owned(),
        },
        (Kind::Text, DeValue::Integer(_) | DeValue::Float(_)) => format!("\"{plain}\""),
        (Kind::Whole, DeValue::String(text)) if text.parse::<u32>().is_ok() => text.to_string(),
        (Kind::Texts, DeValue::String(_)) => format!("[{plain}]"),
        (Kind::Flag, DeValue::String(text)) if ["true", "false"].contains(&text.as_ref()) => text.to_string(),
        _ => key.example.to_owned(),
    }
}

/// Whether a value's type is the one that a key needs.
fn fits(kind: Kind, value: &DeValue<'_>) -> bool {
    match kind {
        Kind::Text => value.is_str(),
        Kind::Whole => document::whole(value).is_some(),
        Kind::TextOrFalse => value.is_str() || value.as_bool() == Some(false),
        Kind::Flag => value.is_bool(),
        Kind::Texts => value
            .as_array()
            .is_some_and(|list| list.iter().all(|entry| entry.get_ref().is_str())),
    }
}
