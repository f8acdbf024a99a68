//! Both languages say the same things, and nothing is said outside of the message files.

use std::collections::{BTreeMap, BTreeSet};

use clap::CommandFactory;
use kprov::cli::Cli;
use kprov::text::{Language, files};

use super::lexer::Token;
use super::messages::placeholders;
use super::sources::{Source, sources};

fn messages(language: Language) -> BTreeMap<String, String> {
    let mut messages = BTreeMap::new();
    for (file, text) in files(language) {
        let table: BTreeMap<String, String> = toml::from_str(text).unwrap();
        messages.extend(
            table
                .into_iter()
                .map(|(name, text)| (format!("{file}.{name}"), text)),
        );
    }
    messages
}

fn is_korean(text: &str) -> bool {
    text.chars().any(|c| ('\u{ac00}'..='\u{d7a3}').contains(&c))
}

#[test]
fn both_languages_have_the_same_keys_and_placeholders() {
    let (english, korean) = (messages(Language::En), messages(Language::Ko));
    let mut wrong = Vec::new();
    for (key, text) in &english {
        match korean.get(key) {
            None => wrong.push(format!("ko lacks {key}")),
            Some(other) if placeholders(other) != placeholders(text) => {
                wrong.push(format!("the placeholders of {key} differ"));
            }
            Some(_) => {}
        }
    }
    wrong.extend(
        korean
            .keys()
            .filter(|key| !english.contains_key(*key))
            .map(|key| format!("en lacks {key}")),
    );
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// What a Korean text writes in a command for what the reader has to put in.
const NAMES: [(&str, &str); 13] = [
    ("이름", "NAME"),
    ("주소", "ADDRESS"),
    ("파일", "FILE"),
    ("경로", "PATH"),
    ("노드", "NODE"),
    ("파드", "POD"),
    ("이미지", "IMAGE"),
    ("사용자", "USER"),
    ("호스트", "HOST"),
    ("컨트롤플레인", "CONTROL-PLANE"),
    ("클러스터", "CLUSTER"),
    ("키", "KEY"),
    ("명령", "COMMAND"),
];

/// What stands between backticks: commands, keys and paths.
fn literals(text: &str) -> Vec<String> {
    let mut found: Vec<String> = text
        .split('`')
        .skip(1)
        .step_by(2)
        .map(|literal| {
            NAMES
                .iter()
                .fold(literal.replace("값", "value"), |literal, (korean, english)| {
                    literal.replace(korean, english)
                })
        })
        .collect();
    found.sort();
    found
}

#[test]
fn both_languages_name_the_same_commands() {
    let korean = messages(Language::Ko);
    let mut compared = 0;
    for (key, text) in messages(Language::En) {
        let english = literals(&text);
        compared += english.len();
        assert_eq!(literals(&korean[&key]), english, "{key}");
    }
    assert!(compared > 500, "only {compared} commands were found");
}

/// What a placeholder stands for is not known here, so a particle behind it has both its forms.
#[test]
fn a_particle_behind_a_placeholder_is_written_in_both_forms() {
    let particles = [
        "을",
        "를",
        "이",
        "가",
        "은",
        "는",
        "과",
        "와",
        "로",
        "으로",
        "라고",
        "라는",
        "이라고",
        "이라는",
        "이어야",
        "여야",
    ];
    let is_name = |name: &str| name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    let mut placeholders = 0;
    for (key, text) in messages(Language::Ko) {
        for (end, _) in text.match_indices('}') {
            if !text[..end]
                .rsplit_once('{')
                .is_some_and(|(_, name)| is_name(name))
            {
                continue;
            }
            placeholders += 1;
            let rest = text[end + 1..].trim_start_matches(['"', '`', ']', '\'']);
            let one_form = particles.iter().any(|particle| {
                let left = rest.strip_prefix(particle);
                left.is_some_and(|left| {
                    !left.starts_with('(') && !is_korean(&left.chars().take(1).collect::<String>())
                })
            });
            assert!(!one_form, "{key}: {text}");
        }
    }
    assert!(placeholders > 500, "only {placeholders} placeholders were found");
}

#[test]
fn every_language_is_itself() {
    for (key, text) in messages(Language::En) {
        assert!(!is_korean(&text), "en: {key}: {text}");
    }
    let english = messages(Language::En);
    for (key, text) in messages(Language::Ko) {
        // Two words of English that are no code, no name and no placeholder want a translation.
        let bare: String = text
            .split('{')
            .map(|part| part.split_once('}').map_or(part, |it| it.1))
            .collect();
        let prose = bare
            .split_whitespace()
            .filter(|word| word.len() > 2 && word.chars().all(|c| c.is_ascii_lowercase()))
            .count();
        assert!(
            is_korean(&text) || prose < 2,
            "ko: {key} is not translated: {text}"
        );
        if is_korean(&text) {
            assert_ne!(english.get(&key), Some(&text));
            // One form of address in all texts: 하십시오.
            assert!(!text.contains("세요"), "ko: {key}: {text}");
        }
    }
}

/// Every command below `command` with the last part of its keys, and itself.
fn commands<'a>(command: &'a clap::Command, key: &str, all: &mut Vec<(String, &'a clap::Command)>) {
    all.push((key.to_owned(), command));
    for below in command.get_subcommands() {
        let name = below.get_name();
        let key = if key == "kprov" {
            name.to_owned()
        } else {
            format!("{key}-{name}")
        };
        commands(below, &key, all);
    }
}

#[test]
fn every_command_and_option_has_its_help_and_no_help_is_left_over() {
    let cli = Cli::command();
    let mut all = Vec::new();
    commands(&cli, "kprov", &mut all);
    let id = |arg: &clap::Arg| arg.get_id().as_str().replace('_', "-");
    let mut wanted = BTreeSet::from(["about-help", "option-help", "option-version"].map(str::to_owned));
    let mut allowed = BTreeSet::new();
    for (key, command) in all {
        wanted.insert(format!("about-{key}"));
        allowed.insert(format!("after-{key}"));
        assert!(
            command.get_after_help().is_none(),
            "{key}: write help.after-{key}"
        );
        for arg in command.get_arguments() {
            wanted.insert(if arg.is_global_set() {
                format!("option-{}", id(arg))
            } else {
                format!("option-{key}-{}", id(arg))
            });
            if arg.get_action().takes_values() {
                let values = arg.get_value_names().unwrap_or_default().iter();
                wanted.extend(values.map(|name| format!("value-{}", name.to_lowercase().replace(':', "-"))));
            }
        }
    }
    for language in Language::ALL {
        let said: BTreeSet<String> = messages(language)
            .into_keys()
            .filter_map(|key| key.strip_prefix("help.").map(str::to_owned))
            .filter(|key| !key.starts_with("word-") && !key.starts_with("note-"))
            .collect();
        let code = language.code();
        let missing: Vec<_> = wanted.difference(&said).collect();
        assert!(missing.is_empty(), "{code}/help.toml lacks {missing:?}");
        let left_over: Vec<_> = said
            .difference(&wanted)
            .filter(|key| !allowed.contains(*key))
            .collect();
        assert!(
            left_over.is_empty(),
            "{code}/help.toml: of no command: {left_over:?}"
        );
    }
}

/// Texts with words in a row that no user reads: what other programs say, and what only a mistake in kprov shows.
const UNREAD: &[(&str, &str)] = &[
    ("src/plan/mod.rs", "waits for"),
    ("src/plan/mod.rs", "needs the fact"),
    ("src/provider/heard.rs", "domain to get an IP address"),
    ("src/render/vagrantfile.rs", "a node of the cluster"),
    ("src/render/template.rs", "without one of the filters"),
    ("src/spec/syntax.rs", "string values must be quoted"),
    ("src/spec/syntax.rs", "table"),
    ("src/commands/kubeconfig.rs", "made by kprov from admin.conf"),
    ("src/transport/known_hosts.rs", "of hosts that kprov"),
];

#[test]
fn no_sentence_is_left_in_the_sources() {
    let mut found = Vec::new();
    for source in sources() {
        // Forms of words, which no sentence can do without.
        if source.path == "src/text/particle.rs" {
            continue;
        }
        for (index, (_, token)) in source.tokens.iter().enumerate() {
            let Token::Text(text) = token else { continue };
            let unread = UNREAD
                .iter()
                .any(|(file, part)| source.path == *file && text.contains(part));
            if is_sentence(text) && !unread && !is_internal(&source, index) {
                found.push(format!("{}: {text:?}", source.at(index)));
            }
        }
    }
    assert!(
        found.is_empty(),
        "put these into templates/messages/*/*.toml:\n{}",
        found.join("\n")
    );
}

/// Whether three English words stand in a row, or any Korean.
fn is_sentence(text: &str) -> bool {
    let is_word = |word: &&str| {
        let word = word.trim_end_matches([',', '.', ':', ';']);
        word.len() > 1 && word.chars().all(|c| c.is_ascii_lowercase())
    };
    let words: Vec<&str> = text.split(' ').collect();
    is_korean(text) || words.windows(3).any(|three| three.iter().all(is_word))
}

/// An argument of `expect` or `contains`, or a part of an attribute.
fn is_internal(source: &Source, index: usize) -> bool {
    let before = |back: usize| index.checked_sub(back).map(|at| &source.tokens[at].1);
    let called = ["expect", "contains"]
        .iter()
        .any(|name| before(2).is_some_and(|token| token.is_word(name)));
    called
        || (before(1).is_some_and(|token| token.is_sign('='))
            && before(2).is_some_and(|t| t.is_word("reason")))
}
