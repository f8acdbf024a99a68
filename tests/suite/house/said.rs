//! What steps and checks say on nodes is told in the language of the user: every sentence of their scripts is known.

use std::collections::BTreeMap;

use kprov::text::{Language, english, files, in_language, told};

/// What stands for whatever a script puts into a sentence; it is a number, a word and a name.
const VALUE: &str = "7";

/// What a script composes of pieces, and what the result is.
const PIECES: &[&str] = &[
    // deployment, scale, rollout: a pod with what another program says of it.
    " (and 7 more)",
    // daemonset: how many pods, and then where one waits.
    "7 of 7 pods are Ready7",
    // Output, which nobody but logs shows: what is done meanwhile.
    "not all pods could be moved, going on",
    "7 leads to 7: its mirrors were switched off",
    "7 leads to archive.debian.org: its mirrors were switched off",
    "kubeadm reset failed, going on",
    "containers could not be removed",
    "docker's containers could not be removed",
    // What is written into a file.
    "source /etc/network/interfaces.d/*",
    // replaced: an end of what the list begins with.
    "still belongs to 7",
];

/// The double-quoted words of a script that are said: of `echo` and `skip`, and what is added to a list.
fn said(source: &str) -> Vec<String> {
    let mut sentences = Vec::new();
    for line in source.lines().filter(|line| !line.trim_start().starts_with('#')) {
        for opens in ["echo \"", "skip \"", "waits \"", "+=\"", "echo '"] {
            let mut rest = line;
            while let Some((_, after)) = rest.split_once(opens) {
                let single = opens.ends_with('\'');
                let (sentence, left) = if single {
                    after
                        .split_once('\'')
                        .map_or((after.to_owned(), ""), |(it, left)| (it.to_owned(), left))
                } else {
                    quoted(after)
                };
                sentences.push(sentence.trim_start_matches("; ").to_owned());
                rest = left;
            }
        }
    }
    sentences
}

/// Up to the quote that ends it, with [`VALUE`] for what the shell puts in and nothing for what may be absent; and what
/// follows.
fn quoted(text: &str) -> (String, &str) {
    let mut sentence = String::new();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let after = &rest[character.len_utf8()..];
        match character {
            '"' => return (sentence, after),
            '\\' if after.starts_with(['`', '"', '$']) => {
                sentence.push_str(&after[..1]);
                rest = &after[1..];
            }
            '$' if after.starts_with(['(', '{']) => {
                let inner = &after[..closed(after)];
                let absent = inner.starts_with('{') && inner.contains(":+");
                sentence += if absent { "" } else { VALUE };
                rest = &after[inner.len()..];
            }
            '$' => {
                let name = |c: char| c.is_ascii_alphanumeric() || c == '_';
                rest = after.trim_start_matches(name);
                sentence += VALUE;
            }
            _ => {
                sentence.push(character);
                rest = after;
            }
        }
    }
    (sentence, "")
}

/// How long the bracketed text is that this begins with.
fn closed(text: &str) -> usize {
    let mut depth = 0;
    for (at, character) in text.char_indices() {
        match character {
            '(' | '{' => depth += 1,
            ')' | '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    text.len()
}

/// Whether people would read it: two words.
fn is_sentence(text: &str) -> bool {
    let words = text
        .split(' ')
        .filter(|word| word.chars().any(char::is_alphabetic));
    words.count() > 1
}

#[test]
fn every_sentence_of_a_script_is_told_in_korean() {
    let scripts = kprov::plan::SCRIPTS;
    let mut sources: Vec<(&str, &str)> = scripts
        .iter()
        .map(|script| (script.name, script.source))
        .collect();
    sources.push(("lib", kprov::plan::LIBRARY));
    let mut unknown = Vec::new();
    let mut count = 0;
    for (name, source) in sources {
        for sentence in said(source).iter().filter(|it| is_sentence(it)) {
            count += 1;
            let told = in_language(Language::Ko, || told(sentence));
            if told == *sentence && !PIECES.contains(&sentence.as_str()) {
                unknown.push(format!("{name}: {sentence}"));
            }
        }
    }
    assert!(count > 250, "only {count} sentences were found");
    assert!(
        unknown.is_empty(),
        "put these into templates/messages/*/said.toml:\n{}",
        unknown.join("\n")
    );
}

/// JSON and logs get the English back by the Korean text.
#[test]
fn no_two_patterns_are_told_alike() {
    for language in Language::ALL {
        let (_, source) = files(language).iter().find(|(name, _)| *name == "said").unwrap();
        let messages: BTreeMap<String, String> = toml::from_str(source).unwrap();
        let mut keys: BTreeMap<&str, &str> = BTreeMap::new();
        for (key, text) in &messages {
            let other = keys.insert(text, key);
            assert_eq!(other, None, "{}: {key} is told as well", language.code());
        }
    }
    let korean = in_language(Language::Ko, || told("2 nodes take pods"));
    assert_eq!(
        (english(&korean).as_str(), korean.as_str()),
        ("2 nodes take pods", "노드 2개가 파드를 받음")
    );
}
