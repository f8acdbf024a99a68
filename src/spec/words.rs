//! Words that have to be one of a few, and what a slip of the pen most likely meant.

use super::diagnostic::{Diagnostic, shown};
use super::document::At;
use crate::t;

/// The name among `known` that `word` is most likely a slip of the pen for.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase().replace('-', "_");
    known
        .into_iter()
        .filter_map(|name| {
            let plain = name.to_lowercase().replace('-', "_");
            let distance = strsim::damerau_levenshtein(&word, &plain);
            let begins =
                plain.len() >= 3 && word.len() >= 3 && (word.starts_with(&plain) || plain.starts_with(&word));
            // `box_evrsion` begins with `box`, and is nearer to `box_version`.
            let slip = distance <= (name.len() / 3).max(1);
            (slip || begins).then_some((!slip, distance, !begins, name))
        })
        .min_by_key(|(begins, distance, other, _)| (*begins, *distance, *other))
        .map(|(.., name)| name)
}

/// Words as a choice, such as `"kvm" or "qemu"`.
pub(super) fn any_of(words: impl IntoIterator<Item = String>) -> String {
    let mut words: Vec<_> = words.into_iter().collect();
    match words.pop() {
        Some(last) if words.is_empty() => last,
        Some(last) => t!("spec.or", words = words.join(", "), last = last),
        None => String::new(),
    }
}

/// A value that has to be one of a few words, of which the first is the usual one.
pub(super) fn one_of<'k>(
    key: &str,
    written: &At<&str>,
    known: &[&'k str],
    problems: &mut Vec<Diagnostic>,
) -> Option<&'k str> {
    let found = known.iter().copied().find(|word| *word == written.value);
    if found.is_none() {
        let words = any_of(known.iter().map(|word| format!("\"{word}\"")));
        let message = t!("spec.not-one-of", key = key, value = shown(written.value));
        let near = nearest(written.value, known.iter().copied());
        let help = match (near, known.first()) {
            (Some(near), _) => t!("spec.did-you-mean", name = near),
            (None, usual) => {
                let usual = usual.copied().unwrap_or_default();
                t!("spec.write", line = format!("{key} = \"{usual}\""))
            }
        };
        let label = t!("spec.not-one-of-here", words = words);
        problems.push(Diagnostic::new(written.place_or(&(0..0)), message, label).help(help));
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
        assert_eq!(nearest("memory_size", known), Some("memory"));
        let boxes = ["box", "box_version", "box_url"];
        assert_eq!(nearest("box_evrsion", boxes), Some("box_version"));
        assert_eq!(nearest("box_size", boxes), Some("box"));
        let guests = ["ubuntu-22.04", "ubuntu-24.04"];
        assert_eq!(nearest("ubuntu-24", guests), Some("ubuntu-24.04"));
        assert_eq!(nearest("control-plane", ["control_plane"]), Some("control_plane"));
        assert_eq!(nearest("colour", known), None);
    }
}
