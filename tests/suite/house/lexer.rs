//! Rust text as words, signs and strings: enough to find paths, macros and their arguments.

/// A piece of Rust, comments and white space left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// An identifier, a keyword or a number.
    Word(String),
    /// The content of a string literal, its escapes as they are written.
    Text(String),
    /// Any other character.
    Sign(char),
}

impl Token {
    pub fn is_word(&self, word: &str) -> bool {
        matches!(self, Self::Word(own) if own == word)
    }

    pub fn is_sign(&self, sign: char) -> bool {
        *self == Self::Sign(sign)
    }
}

/// Cuts Rust text into tokens, each with the number of its line.
pub fn tokens(text: &str) -> Vec<(usize, Token)> {
    let mut lexer = Lexer {
        rest: text,
        line: 1,
        tokens: Vec::new(),
    };
    while !lexer.rest.is_empty() {
        lexer.step();
    }
    lexer.tokens
}

struct Lexer<'a> {
    rest: &'a str,
    line: usize,
    tokens: Vec<(usize, Token)>,
}

impl<'a> Lexer<'a> {
    fn step(&mut self) {
        let rest = self.rest;
        let first = rest.chars().next().unwrap_or_default();
        let raw = rest.strip_prefix('r').map(|rest| rest.trim_start_matches('#'));
        if rest.starts_with("//") {
            self.take(rest.find('\n').unwrap_or(rest.len()));
        } else if rest.starts_with("/*") {
            self.take(rest.find("*/").map_or(rest.len(), |end| end + 2));
        } else if raw.is_some_and(|raw| raw.starts_with('"')) {
            let hashes = rest[1..].find('"').unwrap_or(0);
            let end = format!("\"{}", "#".repeat(hashes));
            self.take(hashes + 2);
            self.text(self.rest.find(&end), end.len());
        } else if first == '"' {
            self.take(1);
            self.text(end_of_string(self.rest), 1);
        } else if first == '\'' {
            self.character();
        } else if first.is_alphanumeric() || first == '_' {
            let word = rest.split(|c: char| !c.is_alphanumeric() && c != '_').next();
            let word = word.unwrap_or(rest);
            self.push(Token::Word(word.to_owned()));
            self.take(word.len());
        } else {
            if !first.is_whitespace() {
                self.push(Token::Sign(first));
            }
            self.take(first.len_utf8());
        }
    }

    /// A character literal is passed over; a lifetime becomes a sign and a word.
    fn character(&mut self) {
        let mut inside = self.rest[1..].chars();
        let length = match (inside.next(), inside.next()) {
            (Some('\\'), _) => self.rest[3..].find('\'').map(|end| end + 4),
            (Some(c), Some('\'')) => Some(c.len_utf8() + 2),
            _ => None,
        };
        if length.is_none() {
            self.push(Token::Sign('\''));
        }
        self.take(length.unwrap_or(1));
    }

    fn text(&mut self, end: Option<usize>, closing: usize) {
        let end = end.unwrap_or(self.rest.len());
        self.push(Token::Text(self.rest[..end].to_owned()));
        self.take((end + closing).min(self.rest.len()));
    }

    fn push(&mut self, token: Token) {
        self.tokens.push((self.line, token));
    }

    fn take(&mut self, length: usize) {
        let (taken, rest): (&'a str, &'a str) = self.rest.split_at(length);
        self.line += taken.matches('\n').count();
        self.rest = rest;
    }
}

fn end_of_string(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })
}

#[test]
fn rust_is_cut_as_the_compiler_does() {
    let text = "let a: &'x str = \"b\\\"c\"; // \"no\"\n/* no */ r#\"d\"e\"# 'f' '\\'' b'\"'";
    let words: Vec<String> = tokens(text)
        .into_iter()
        .map(|(line, token)| match token {
            Token::Word(word) => format!("{line}:{word}"),
            Token::Text(text) => format!("{line}:<{text}>"),
            Token::Sign(sign) => format!("{line}:{sign}"),
        })
        .collect();
    assert_eq!(
        words.join(" "),
        "1:let 1:a 1:: 1:& 1:' 1:x 1:str 1:= 1:<b\\\"c> 1:; 2:<d\"e> 2:b"
    );
}
