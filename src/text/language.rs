//! Which language kprov speaks.

use std::sync::atomic::{AtomicU8, Ordering};

use crate::platform;

/// A language that kprov speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[repr(u8)]
pub enum Language {
    /// English.
    En,
    /// Korean.
    Ko,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::En, Self::Ko];

    /// Its code in ISO 639, as in `--lang` and in HTML.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ko => "ko",
        }
    }

    /// The language of a locale such as `ko_KR.UTF-8` or `en-US`; of `C` and of unknown ones there is none.
    #[must_use]
    pub fn of_locale(locale: &str) -> Option<Self> {
        let code = locale.split(['_', '-', '.', '@']).next().unwrap_or_default();
        Self::ALL
            .into_iter()
            .find(|language| language.code().eq_ignore_ascii_case(code))
    }

    /// The language for a command line and an environment: `--lang`, `KPROV_LANG`, the locale, English.
    ///
    /// The command line is looked at before it is parsed, so that its mistakes are told in the right language.
    #[must_use]
    pub fn choose(arguments: &[String], variable: impl Fn(&str) -> Option<String>) -> Self {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        asked_for(arguments)
            .or_else(|| variable("KPROV_LANG").and_then(|code| Self::of_locale(&code)))
            .or_else(|| {
                // The first that is set decides, also when it is of a language that kprov does not speak.
                ["LC_ALL", "LC_MESSAGES", "LANG"]
                    .into_iter()
                    .find_map(variable)
                    .or_else(platform::locale)
                    .and_then(|locale| Self::of_locale(&locale))
            })
            .unwrap_or(Self::En)
    }
}

/// The value of `--lang`, before a `--` that ends kprov's own options.
fn asked_for(arguments: &[String]) -> Option<Language> {
    let own = arguments.iter().take_while(|argument| *argument != "--");
    let own: Vec<&String> = own.collect();
    let value = own.iter().enumerate().rev().find_map(|(index, argument)| {
        let value = argument.strip_prefix("--lang=");
        let next = || own.get(index + 1).map(|next| next.as_str());
        value.or_else(|| (*argument == "--lang").then(next).flatten())
    })?;
    Language::of_locale(value)
}

/// English until `main` has chosen.
static SPOKEN: AtomicU8 = AtomicU8::new(Language::En as u8);

/// Speaks this language from now on.
pub fn speak(language: Language) {
    SPOKEN.store(language as u8, Ordering::Relaxed);
}

/// The language that kprov speaks now.
#[must_use]
pub fn spoken() -> Language {
    let spoken = SPOKEN.load(Ordering::Relaxed);
    Language::ALL
        .into_iter()
        .find(|language| *language as u8 == spoken)
        .unwrap_or(Language::En)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(arguments: &[&str], environment: &[(&str, &str)]) -> Language {
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        Language::choose(&arguments, |name| {
            let found = environment.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_command_line_stands_before_the_environment() {
        let korean = [("KPROV_LANG", "ko"), ("LANG", "ko_KR.UTF-8")];
        assert_eq!(chosen(&["up", "--lang", "en"], &korean), Language::En);
        assert_eq!(chosen(&["--lang=en", "up"], &korean), Language::En);
        assert_eq!(chosen(&["ssh", "--", "x", "--lang", "en"], &korean), Language::Ko);
        assert_eq!(chosen(&["up", "--lang"], &korean), Language::Ko);
    }

    #[test]
    fn the_first_word_of_the_environment_decides() {
        assert_eq!(
            chosen(&[], &[("KPROV_LANG", "en"), ("LC_ALL", "ko_KR")]),
            Language::En
        );
        assert_eq!(
            chosen(&[], &[("LC_ALL", "C"), ("LANG", "ko_KR.UTF-8")]),
            Language::En
        );
        assert_eq!(
            chosen(&[], &[("LC_ALL", ""), ("LC_MESSAGES", "ko")]),
            Language::Ko
        );
        assert_eq!(chosen(&[], &[("LANG", "ko_KR.eucKR")]), Language::Ko);
        assert_eq!(chosen(&[], &[("LANG", "kok_IN")]), Language::En);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn without_a_word_it_is_english() {
        assert_eq!(chosen(&[], &[]), Language::En);
    }
}
