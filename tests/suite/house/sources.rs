//! The files under `src/`, as tokens without their unit tests.

use std::fs;
use std::path::{Path, PathBuf};

use super::lexer::{Token, tokens};

/// One file of the sources.
pub struct Source {
    /// Its path below the project's folder, with `/`.
    pub path: String,
    /// Its tokens with their lines, modules of unit tests left out.
    pub tokens: Vec<(usize, Token)>,
}

impl Source {
    /// The top-level module that it belongs to, such as `engine`.
    pub fn module(&self) -> &str {
        let path = self.path.trim_start_matches("src/").trim_end_matches(".rs");
        path.split('/').next().unwrap_or(path)
    }

    /// Where a token stands, for messages.
    pub fn at(&self, index: usize) -> String {
        format!("{}:{}", self.path, self.tokens[index].0)
    }
}

/// The project's folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files under `src/`, in the order of their paths.
pub fn sources() -> Vec<Source> {
    let mut files = Vec::new();
    find(&root().join("src"), &mut files);
    files.sort();
    let sources: Vec<Source> = files
        .into_iter()
        .map(|file| {
            let below = file.strip_prefix(root()).unwrap();
            Source {
                path: below.to_str().unwrap().replace('\\', "/"),
                tokens: without_tests(tokens(&fs::read_to_string(&file).unwrap())),
            }
        })
        .collect();
    assert!(sources.len() > 50, "only {} sources were found", sources.len());
    sources
}

fn find(dir: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            find(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Leaves out `#[cfg(test)] mod tests { … }` and its like.
fn without_tests(tokens: Vec<(usize, Token)>) -> Vec<(usize, Token)> {
    let mut kept: Vec<(usize, Token)> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let after = end_of_test(&tokens, at);
        match after {
            Some(after) => at = after,
            None => {
                kept.push(tokens[at].clone());
                at += 1;
            }
        }
    }
    kept
}

/// Where the module of tests whose attribute begins at `at` ends, if one does.
fn end_of_test(tokens: &[(usize, Token)], at: usize) -> Option<usize> {
    let rest = &tokens[at..];
    let is = |index: usize, sign| rest.get(index).is_some_and(|(_, token)| token.is_sign(sign));
    let word = |index: usize, word| rest.get(index).is_some_and(|(_, token)| token.is_word(word));
    if !(is(0, '#') && is(1, '[') && word(2, "cfg")) {
        return None;
    }
    let attribute_end = rest.iter().position(|(_, token)| token.is_sign(']'))?;
    let for_tests = rest[..attribute_end]
        .iter()
        .any(|(_, token)| token.is_word("test"));
    if !for_tests || !word(attribute_end + 1, "mod") {
        return None;
    }
    let open = attribute_end
        + rest[attribute_end..]
            .iter()
            .position(|(_, token)| token.is_sign('{'))?;
    let mut depth = 0;
    for (index, (_, token)) in rest.iter().enumerate().skip(open) {
        match token {
            Token::Sign('{') => depth += 1,
            Token::Sign('}') => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at + index + 1);
        }
    }
    None
}
