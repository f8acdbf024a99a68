//! Names that have to be RFC 1123 labels, and domains made of them.

use super::diagnostic::{Diagnostic, shown};
use super::document::At;
use crate::names::{LabelError, check_label};
use crate::t;

/// The checked name, or its mistake among the problems.
pub(super) fn report<T>(
    key: &str,
    written: &At<&str>,
    checked: Result<T, LabelError>,
    problems: &mut Vec<Diagnostic>,
) -> Option<T> {
    let error = match checked {
        Ok(name) => return Some(name),
        Err(error) => error,
    };
    let label = match error {
        LabelError::Empty => t!("spec.label-empty"),
        LabelError::TooLong => t!("spec.label-long", length = written.value.len()),
        LabelError::Character(character, _) => {
            t!("spec.label-character", character = shown(&character.to_string()))
        }
        LabelError::Hyphen => t!("spec.label-hyphen"),
    };
    let value = shown(written.value);
    let diagnostic = Diagnostic::new(
        written.place_or(&(0..0)),
        t!("spec.label", key = key, value = value),
        label,
    )
    .why(t!("spec.label-why"));
    let fixed = repaired(written.value);
    problems.push(if fixed.is_empty() {
        diagnostic.help(t!("spec.label-help"))
    } else {
        diagnostic.help(t!("spec.write", line = format!("{key} = \"{fixed}\"")))
    });
    None
}

/// The nearest label: lower case, hyphens for what is not allowed; empty where nothing that says something is left.
fn repaired(text: &str) -> String {
    let mut label = String::new();
    for character in text.to_lowercase().chars() {
        match character {
            'a'..='z' | '0'..='9' => label.push(character),
            _ if label.ends_with('-') || label.is_empty() => {}
            _ => label.push('-'),
        }
    }
    // Of "실습1" only the 1 would be left, which nobody means.
    if !text.is_ascii() && !label.contains(|c: char| c.is_ascii_alphabetic()) {
        return String::new();
    }
    label.truncate(63);
    label.trim_end_matches('-').to_owned()
}

/// Whether a text is a domain: labels with dots between them, at most 253 characters.
pub(super) fn is_domain(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(|label| check_label(label).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repaired_name_is_a_label_or_empty() {
        assert_eq!(repaired("K8s_Lab"), "k8s-lab");
        assert_eq!(repaired("-my  lab-"), "my-lab");
        assert_eq!(repaired("실습"), "");
        assert_eq!(repaired("실습1"), "");
        assert_eq!(repaired("실습-lab"), "lab");
        assert!(check_label(&repaired(&"a.".repeat(80))).is_ok());
    }

    #[test]
    fn a_domain_has_labels() {
        assert!(is_domain("cluster.local"));
        assert!(!is_domain("cluster..local"));
        assert!(!is_domain("Cluster.local"));
        assert!(!is_domain(""));
    }
}
