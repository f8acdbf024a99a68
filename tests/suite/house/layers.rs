//! A module uses only modules below it.

use super::lexer::Token;
use super::sources::{Source, sources};

/// The layers, the lowest first. Modules of one layer do not know each other.
const LAYERS: &[&[&str]] = &[
    &["platform"],
    &["names", "error", "cli", "text", "versions"],
    &["spec", "workdir", "problems"],
    &["render", "event"],
    &["plan", "transport", "artifact"],
    &["engine", "provider", "ui", "doctor"],
    &["commands"],
    &["main", "lib"],
];
/// The messages and the macro that looks them up: for everybody.
const FREE: &[&str] = &["t", "text"];

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

#[test]
fn a_module_uses_only_modules_below_it() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for source in sources() {
        let own = source.module();
        let Some(own_layer) = layer(own) else {
            wrong.push(format!("{}: the module {own} is in no layer", source.path));
            continue;
        };
        for (index, used) in used_modules(&source) {
            seen += 1;
            let allowed = used == own
                || FREE.contains(&used.as_str())
                || layer(&used).is_some_and(|layer| layer < own_layer);
            if !allowed {
                wrong.push(format!("{}: {own} may not use {used}", source.at(index)));
            }
        }
    }
    assert!(
        seen > 100,
        "only {seen} uses were found: this test looks past them"
    );
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn nobody_leaves_a_top_level_module_by_super() {
    for source in sources() {
        let name = source.module();
        let is_root = source.path == format!("src/{name}.rs") || source.path == format!("src/{name}/mod.rs");
        let way_out = source.tokens.iter().position(|(_, token)| token.is_word("super"));
        if let (true, Some(index)) = (is_root, way_out) {
            panic!("{}: write crate:: instead of super::", source.at(index));
        }
        let twice = source
            .tokens
            .windows(4)
            .position(|four| four[0].1.is_word("super") && four[3].1.is_word("super"));
        let depth = source.path.matches('/').count();
        if let (true, Some(index)) = (depth < 3, twice) {
            panic!("{}: write crate:: instead of super::super::", source.at(index));
        }
    }
}

/// The first names after `crate::` (in the program itself after `kprov::`), also of groups in braces.
fn used_modules(source: &Source) -> Vec<(usize, String)> {
    let tokens = &source.tokens;
    let mut used = Vec::new();
    for (index, three) in tokens.windows(3).enumerate() {
        let root = if source.path == "src/main.rs" {
            "kprov"
        } else {
            "crate"
        };
        if !(three[0].1.is_word(root) && three[1].1.is_sign(':') && three[2].1.is_sign(':')) {
            continue;
        }
        match tokens.get(index + 3).map(|(_, token)| token) {
            Some(Token::Word(module)) => used.push((index, module.clone())),
            Some(Token::Sign('{')) => used.extend(group(source, index + 3)),
            _ => {}
        }
    }
    used
}

/// The first name of each part of `{a::b, c}`.
fn group(source: &Source, open: usize) -> Vec<(usize, String)> {
    let mut names = Vec::new();
    let (mut depth, mut begins) = (0, true);
    for (index, (_, token)) in source.tokens.iter().enumerate().skip(open) {
        match token {
            Token::Sign('{') => depth += 1,
            Token::Sign('}') => depth -= 1,
            Token::Sign(',') if depth == 1 => begins = true,
            Token::Word(name) if begins => {
                names.push((index, name.clone()));
                begins = false;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    names
}
