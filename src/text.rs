//! Every sentence a user can read, by key, from message files under `templates/messages/`.
//!
//! A key is `file.name`, a message is text with `{placeholders}`. [`t!`](crate::t) looks one up in the
//! language that kprov [speaks](speak):
//!
//! ```
//! let text = kprov::t!("spec.did-you-mean", name = "workers");
//! assert!(text.contains("workers"));
//! ```
//!
//! Ids, JSON and logs are English whatever the user reads. So that events can carry plain text, [`english`]
//! remembers what was said in another language, and gives it in English for JSON; a log is written
//! [`in_english`] altogether. What kprov's scripts say on nodes is [`told`] in the language of the user; what any other
//! program said is evidence and stays as it is.
//!
//! Tests hold every `t!` in the sources against the files, and the files of all languages against each other:
//! a missing key, a placeholder that nobody fills and a message that nobody uses are failures.

use std::cell::Cell;
use std::collections::HashMap;
use std::fmt::Display;
use std::sync::{Mutex, OnceLock, PoisonError};

mod language;
mod particle;
mod said;

pub use language::{Language, speak, spoken};
pub use said::told;

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        /// The message files in English, by the first word of their keys.
        pub const ENGLISH: &[(&str, &str)] = &[
            $(($name, include_str!(concat!("../templates/messages/en/", $name, ".toml")))),*
        ];
        /// The same files in Korean.
        pub const KOREAN: &[(&str, &str)] = &[
            $(($name, include_str!(concat!("../templates/messages/ko/", $name, ".toml")))),*
        ];
    };
}

files! {
    "artifact",
    "boxes",
    "cli",
    "doctor",
    "engine",
    "explain",
    "help",
    "labs",
    "lesson",
    "made",
    "merged",
    "next",
    "packs",
    "plan",
    "power",
    "problems",
    "provider",
    "refused",
    "render",
    "report",
    "remove",
    "reset",
    "runtime",
    "said",
    "spec",
    "transport",
    "ui",
    "usage",
    "verify",
    "virtualbox",
}

type Messages = HashMap<String, String>;

/// The text of a message with its placeholders filled; [`t!`](crate::t) is how to call it.
///
/// A key that does not exist comes back as itself, so that a missing text is seen, not fatal.
#[must_use]
pub fn message(key: &str, values: &[(&str, &dyn Display)]) -> String {
    let values: Vec<(&str, String)> = values
        .iter()
        .map(|(name, value)| (*name, value.to_string()))
        .collect();
    let language = current();
    let own = |values: &[(&str, String)], language| {
        template(key, language).map_or_else(|| key.to_owned(), |template| fill(template, values))
    };
    if language == Language::En && spoken() == Language::En {
        return own(&values, language);
    }
    let values_in_english: Vec<(&str, String)> = values
        .iter()
        .map(|(name, value)| (*name, english(value)))
        .collect();
    let in_english = own(&values_in_english, Language::En);
    if language == Language::En {
        return in_english;
    }
    let text = own(&values, language);
    remember(&text, in_english);
    text
}

/// The text of a message that may be absent, such as a hint that only some steps have.
#[must_use]
pub fn optional(key: &str) -> Option<String> {
    template(key, Language::En).map(|_| message(key, &[]))
}

thread_local! {
    static HERE: Cell<Option<Language>> = const { Cell::new(None) };
}

/// Does `work` with all its messages in a language.
pub fn in_language<T>(language: Language, work: impl FnOnce() -> T) -> T {
    let before = HERE.replace(Some(language));
    let done = work();
    HERE.set(before);
    done
}

/// Does `work` with all its messages in English.
pub fn in_english<T>(work: impl FnOnce() -> T) -> T {
    in_language(Language::En, work)
}

/// The language of the messages that this thread makes now.
fn current() -> Language {
    HERE.get().unwrap_or_else(spoken)
}

/// What was said in another language, with its English; only while another language is spoken.
static SAID: Mutex<Option<HashMap<String, String>>> = Mutex::new(None);

/// Remembers that a part of a message says in the language spoken what `in_english` says.
pub fn also(text: &str, in_english: &str) {
    if spoken() != Language::En {
        remember(text, in_english.to_owned());
    }
}

fn remember(text: &str, in_english: String) {
    let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
    said.get_or_insert_default()
        .insert(text.trim().to_owned(), in_english);
}

/// A text that [`t!`](crate::t) made, in English; any other text as it is.
#[must_use]
pub fn english(text: &str) -> String {
    let said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
    let found = said.as_ref().and_then(|said| said.get(text.trim()));
    found.map_or_else(|| text.to_owned(), |english| english.trim().to_owned())
}

/// One pass over the template, so that a value which itself holds braces stays as it is.
fn fill(template: &str, values: &[(&str, String)]) -> String {
    let mut out = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        rest = &rest[open..];
        let name = rest.find('}').map(|close| &rest[1..close]);
        if let Some((name, value)) = name.and_then(|name| values.iter().find(|(n, _)| *n == name)) {
            out.push_str(value);
            rest = &rest[name.len() + 2..];
            if let Some((signs, form, left)) = particle::after(value, rest) {
                out.push_str(signs);
                out.push_str(form);
                rest = left;
            }
        } else {
            out.push('{');
            rest = &rest[1..];
        }
    }
    out + rest
}

/// The message files of a language.
#[must_use]
pub const fn files(language: Language) -> &'static [(&'static str, &'static str)] {
    match language {
        Language::En => ENGLISH,
        Language::Ko => KOREAN,
    }
}

/// A message before its placeholders are filled. Another language's gap is told in English.
fn template(key: &str, language: Language) -> Option<&'static String> {
    let (file, name) = key.split_once('.')?;
    let own = messages(file, language).and_then(|messages| messages.get(name));
    own.or_else(|| messages(file, Language::En)?.get(name))
}

/// Each file is read when its first message is needed.
fn messages(file: &str, language: Language) -> Option<&'static Messages> {
    struct File {
        language: Language,
        name: &'static str,
        source: &'static str,
        messages: OnceLock<Messages>,
    }
    static FILES: OnceLock<Vec<File>> = OnceLock::new();
    let all = FILES.get_or_init(|| {
        let all = Language::ALL.into_iter().flat_map(|language| {
            files(language).iter().map(move |(name, source)| File {
                language,
                name,
                source,
                messages: OnceLock::new(),
            })
        });
        all.collect()
    });
    let file = all
        .iter()
        .find(|known| known.language == language && known.name == file)?;
    Some(
        file.messages
            .get_or_init(|| toml::from_str(file.source).unwrap_or_default()),
    )
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
        for language in Language::ALL {
            for (name, text) in files(language) {
                let parsed: Result<Messages, _> = toml::from_str(text);
                assert!(
                    parsed.is_ok(),
                    "{}/{name}.toml: {}",
                    language.code(),
                    parsed.unwrap_err()
                );
            }
        }
    }

    #[test]
    fn values_are_not_templates() {
        let values = [("a", "{b}".to_owned()), ("b", "1".to_owned())];
        assert_eq!(fill("{a}{b} {c} {", &values), "{b}1 {c} {");
    }
}
