//! Words that have to be one of a few, and what a slip of the pen most likely meant.

use super::diagnostic::{Diagnostic, shown};
use super::document::At;
use crate::t;

/// The name among `known` that `word` is most likely a slip of the pen for.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase().replace('-', "_");
    known
        .into_iter()
        .map(|name| {
            let plain = name.to_lowercase().replace('-', "_");
            let distance = if plain.len() >= 3
                && word.len() >= 3
                && (word.starts_with(&plain) || plain.starts_with(&word))
            {
                1
            } else {
                strsim::damerau_levenshtein(&word, &plain)
            };
            (distance, name)
        })
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, name)| *distance <= (name.len() / 3).max(1))
        .map(|(_, name)| name)
}

/// What the nearest of the known words suggests, or the list of them.
pub(super) fn did_you_mean(word: &str, known: &[&str]) -> String {
    nearest(word, known.iter().copied()).map_or_else(
        || t!("spec.known-words", words = known.join(", ")),
        |name| t!("spec.did-you-mean", name = name),
    )
}

/// A value that has to be one of a few words.
pub(super) fn one_of<'k>(
    key: &str,
    written: &At<&str>,
    known: &[&'k str],
    problems: &mut Vec<Diagnostic>,
) -> Option<&'k str> {
    let found = known.iter().copied().find(|word| *word == written.value);
    if found.is_none() {
        let quoted: Vec<_> = known.iter().map(|word| format!("\"{word}\"")).collect();
        let message = t!("spec.not-one-of", key = key, value = shown(written.value));
        let label = t!("spec.not-one-of-here", words = quoted.join(", "));
        problems.push(
            Diagnostic::new(written.place_or(&(0..0)), message, label)
                .help(did_you_mean(written.value, known)),
        );
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_and_a_far_one_is_not() {
        let known = ["count", "cpus", "memory"];
        assert_eq!(nearest("cout", known), Some("count"));
        assert_eq!(nearest("CPUs", known), Some("cpus"));
        assert_eq!(nearest("mem", known), Some("memory"));
        assert_eq!(nearest("control-plane", ["control_plane"]), Some("control_plane"));
        assert_eq!(nearest("colour", known), None);
    }
}
