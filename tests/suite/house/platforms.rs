//! What differs between operating systems is in one module, and each of its two halves has all of it.

use std::collections::BTreeMap;

use super::lexer::Token;
use super::sources::{Source, sources};

/// What a condition asks for to tell systems apart.
const SYSTEMS: &[&str] = &["unix", "windows", "target_os", "target_family", "target_env"];

#[test]
fn nobody_but_platform_asks_which_system_it_is() {
    let mut asking = 0;
    for source in sources() {
        for (index, name) in words(&source) {
            let two_before = |word: &str| {
                index >= 3
                    && source.tokens[index - 3].1.is_word(word)
                    && source.tokens[index - 1].1.is_sign(':')
            };
            let is_interface = ["unix", "windows", "linux", "macos"].contains(&name) && two_before("os");
            let is_constant = name == "OS" && two_before("consts");
            if !(is_interface || is_constant || SYSTEMS.contains(&name) && is_condition(&source, index)) {
                continue;
            }
            assert_eq!(
                source.module(),
                "platform",
                "{} asks which system it is",
                source.at(index)
            );
            asking += 1;
        }
    }
    assert!(asking > 5, "only {asking} places ask: this test looks past them");
}

fn words(source: &Source) -> impl Iterator<Item = (usize, &str)> {
    let tokens = source.tokens.iter().enumerate();
    tokens.filter_map(|(index, (_, token))| match token {
        Token::Word(word) => Some((index, word.as_str())),
        _ => None,
    })
}

/// Whether a token stands in the parentheses of `cfg(…)`, `cfg!(…)` or `cfg_attr(…)`.
fn is_condition(source: &Source, index: usize) -> bool {
    let mut depth = 0;
    for at in (0..index).rev() {
        match &source.tokens[at].1 {
            Token::Sign(')') => depth += 1,
            Token::Sign('(') if depth > 0 => depth -= 1,
            Token::Sign('(') => {
                let word = |back: usize| at.checked_sub(back).map(|at| &source.tokens[at].1);
                let is_cfg = |token: Option<&Token>| {
                    token.is_some_and(|token| token.is_word("cfg") || token.is_word("cfg_attr"))
                };
                let bang = word(1).is_some_and(|token| token.is_sign('!'));
                if is_cfg(word(1)) || (bang && is_cfg(word(2))) {
                    return true;
                }
            }
            Token::Sign(';' | '{' | '}') => return false,
            _ => {}
        }
    }
    false
}

/// The two files are compiled on different systems, so no compiler compares them.
#[test]
fn both_halves_have_the_same_functions() {
    let [unix, windows] = ["unix", "windows"].map(|name| functions(&format!("src/platform/{name}.rs")));
    assert!(unix.len() > 4, "{unix:?}");
    assert_eq!(unix, windows);
}

/// The functions of a file that others may call: name, and types of arguments and result.
fn functions(path: &str) -> BTreeMap<String, String> {
    let all = sources();
    let source = all.iter().find(|source| source.path == path).unwrap();
    let tokens: Vec<&Token> = source.tokens.iter().map(|(_, token)| token).collect();
    let mut functions = BTreeMap::new();
    let mut public = false;
    for (index, token) in tokens.iter().enumerate() {
        match token {
            Token::Word(word) if word == "pub" => public = true,
            Token::Word(word) if word == "fn" && std::mem::take(&mut public) => {
                let Token::Word(name) = tokens[index + 1] else {
                    panic!("{path}: a function without a name")
                };
                let mut types = Vec::new();
                let mut is_type = true;
                for token in tokens[index + 2..].iter().take_while(|token| !token.is_sign('{')) {
                    match token {
                        // What stands before a colon is a name, which may differ.
                        Token::Sign('(' | ',') => is_type = false,
                        Token::Sign(':' | ')') => is_type = true,
                        _ if is_type => types.push(format!("{token:?}")),
                        _ => {}
                    }
                }
                functions.insert(name.clone(), types.join(" "));
            }
            Token::Sign(';' | '}') => public = false,
            _ => {}
        }
    }
    functions
}
