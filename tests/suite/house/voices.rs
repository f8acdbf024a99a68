//! One file starts processes, one speaks SSH, and only `ui` and `error` print.

use super::lexer::Token;
use super::sources::{Source, sources};

/// The files in which `found` holds at some token, each with the first place.
fn files(found: impl Fn(&Source, usize) -> bool) -> Vec<(String, String)> {
    let sources = sources();
    sources
        .iter()
        .filter_map(|source| {
            let index = (0..source.tokens.len()).find(|index| found(source, *index))?;
            Some((source.path.clone(), source.at(index)))
        })
        .collect()
}

fn word(source: &Source, index: usize, word: &str) -> bool {
    source
        .tokens
        .get(index)
        .is_some_and(|(_, token)| token.is_word(word))
}

fn sign(source: &Source, index: usize, sign: char) -> bool {
    source
        .tokens
        .get(index)
        .is_some_and(|(_, token)| token.is_sign(sign))
}

#[test]
fn one_file_starts_processes() {
    let starts = files(|source, index| {
        let path =
            word(source, index, "process") && sign(source, index + 1, ':') && sign(source, index + 2, ':');
        let after = source.tokens.iter().skip(index + 3).map(|(_, token)| token);
        let command = Token::Word("Command".to_owned());
        path && (source
            .tokens
            .get(index + 3)
            .is_some_and(|(_, token)| *token == command)
            || (sign(source, index + 3, '{')
                && after
                    .take_while(|token| !token.is_sign('}'))
                    .any(|token| *token == command)))
    });
    let files: Vec<&str> = starts.iter().map(|(path, _)| path.as_str()).collect();
    // Windows' own programs do there what are calls to the system elsewhere.
    let allowed = [
        "src/platform/unix.rs",
        "src/platform/windows.rs",
        "src/transport/local.rs",
    ];
    assert_eq!(files, allowed, "{starts:?}");
}

#[test]
fn one_folder_speaks_ssh() {
    let speaks = files(|source, index| word(source, index, "ssh2"));
    assert!(!speaks.is_empty(), "nobody speaks SSH: this test looks past it");
    for (path, place) in speaks {
        assert!(
            path.starts_with("src/transport/ssh/"),
            "{place} speaks SSH; leave that to `transport::ssh`"
        );
    }
}

#[test]
fn only_the_screen_and_errors_print() {
    const MACROS: &[&str] = &["print", "println", "eprint", "eprintln", "dbg"];
    let printing = files(|source, index| {
        let by_macro = MACROS.iter().any(|name| word(source, index, name)) && sign(source, index + 1, '!');
        // `command.stdout(…)` of another program is no printing.
        let stream = ["stdout", "stderr"].iter().any(|name| word(source, index, name));
        let own = stream && sign(source, index + 1, '(') && !(index > 0 && sign(source, index - 1, '.'));
        by_macro || own
    });
    assert!(!printing.is_empty(), "nobody prints: this test looks past it");
    for (path, place) in printing {
        let allowed = path == "src/error.rs" || path.starts_with("src/ui/") || path == "src/ui.rs";
        assert!(allowed, "{place} prints; give the text to `ui`");
    }
}
