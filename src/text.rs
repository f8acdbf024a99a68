//! Every sentence a user can read, by key, from message files under `templates/messages/`.
//!
//! A key is `file.name`, a message is text with `{placeholders}`. [`t!`](crate::t) looks one up:
//!
//! ```
//! let text = kprov::t!("spec.did-you-mean", name = "workers");
//! assert!(text.contains("workers"));
//! ```
//!
//! A test reads every `t!` in the sources and holds it against the files: a missing key, a
//! placeholder that nobody fills and a message that nobody uses are failures.

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::OnceLock;

/// The message files in English, by the first word of their keys.
pub const ENGLISH: &[(&str, &str)] = &[
    ("artifact", include_str!("../templates/messages/en/artifact.toml")),
    ("cli", include_str!("../templates/messages/en/cli.toml")),
    ("engine", include_str!("../templates/messages/en/engine.toml")),
    ("plan", include_str!("../templates/messages/en/plan.toml")),
    ("provider", include_str!("../templates/messages/en/provider.toml")),
    ("render", include_str!("../templates/messages/en/render.toml")),
    ("spec", include_str!("../templates/messages/en/spec.toml")),
    ("ui", include_str!("../templates/messages/en/ui.toml")),
    ("verify", include_str!("../templates/messages/en/verify.toml")),
];

type Messages = HashMap<String, String>;

/// The text of a message with its placeholders filled; [`t!`](crate::t) is how to call it.
///
/// A key that does not exist comes back as itself, so that a missing text is seen, not fatal.
#[must_use]
pub fn message(key: &str, values: &[(&str, &dyn Display)]) -> String {
    let (file, name) = key.split_once('.').unwrap_or(("", key));
    let Some(template) = messages(file).and_then(|messages| messages.get(name)) else {
        return key.to_owned();
    };
    fill(template, values)
}

/// The text of a message that may be absent, such as a hint that only some steps have.
#[must_use]
pub fn optional(key: &str) -> Option<String> {
    let (file, name) = key.split_once('.')?;
    messages(file)?.get(name).cloned()
}

/// One pass over the template, so that a value which itself holds braces stays as it is.
fn fill(template: &str, values: &[(&str, &dyn Display)]) -> String {
    let mut out = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        rest = &rest[open..];
        let name = rest.find('}').map(|close| &rest[1..close]);
        if let Some((name, value)) = name.and_then(|name| values.iter().find(|(n, _)| *n == name)) {
            out.push_str(&value.to_string());
            rest = &rest[name.len() + 2..];
        } else {
            out.push('{');
            rest = &rest[1..];
        }
    }
    out + rest
}

fn messages(file: &str) -> Option<&'static Messages> {
    static FILES: OnceLock<HashMap<&'static str, OnceLock<Messages>>> = OnceLock::new();
    let files = FILES.get_or_init(|| ENGLISH.iter().map(|(name, _)| (*name, OnceLock::new())).collect());
    files.get(file).map(|messages| {
        messages.get_or_init(|| {
            let source = ENGLISH
                .iter()
                .find(|(name, _)| *name == file)
                .map_or("", |(_, text)| text);
            toml::from_str(source).unwrap_or_default()
        })
    })
}

/// A message by key, its placeholders filled: `t!("spec.unknown-key", key = key)`.
#[macro_export]
macro_rules! t {
    ($key:expr $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::text::message($key, &[$((stringify!($name), &$value as &dyn std::fmt::Display)),*])
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_a_table_of_strings() {
        for (name, text) in ENGLISH {
            let parsed: Result<Messages, _> = toml::from_str(text);
            assert!(parsed.is_ok(), "{name}.toml: {}", parsed.unwrap_err());
        }
    }

    #[test]
    fn values_are_not_templates() {
        assert_eq!(fill("{a}{b} {c} {", &[("a", &"{b}"), ("b", &1)]), "{b}1 {c} {");
    }
}
