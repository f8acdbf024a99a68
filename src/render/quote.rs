//! Strings as Ruby and YAML write them, so that no value can end its string and become code.
//!
//! Both forms are ASCII whatever the value holds: Vagrant on Windows reads its Vagrantfile in the code page
//! of the console, and a log shows every character that is there.

use std::fmt::Write;

/// A Ruby string literal of `text`, with its quotes.
///
/// Double-quoted with every `#` escaped, so that nothing is interpolated; a single-quoted one could not
/// name a character outside ASCII.
#[must_use]
pub fn ruby(text: &str) -> String {
    quoted(text, &['"', '\\', '#'], |out, code| {
        write!(out, "\\u{{{code:x}}}")
    })
}

/// A YAML scalar of `text`, with its quotes: always a string, never a number, a boolean or a date.
///
/// Characters beyond U+FFFF are written as `\U` and eight digits: YAML has no surrogate pairs, so JSON's
/// form of them is refused by its readers (YAML 1.2.2, section 5.7).
#[must_use]
pub fn yaml(text: &str) -> String {
    quoted(text, &['"', '\\'], |out, code| match code {
        0..=0xffff => write!(out, "\\u{code:04x}"),
        _ => write!(out, "\\U{code:08x}"),
    })
}

fn quoted(text: &str, special: &[char], escape: fn(&mut String, u32) -> std::fmt::Result) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        if special.contains(&character) {
            out.push('\\');
            out.push(character);
        } else if matches!(character, ' '..='~') {
            out.push(character);
        } else {
            escape(&mut out, u32::from(character)).expect("a String takes all that is written to it");
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ruby_strings_interpolate_nothing() {
        assert_eq!(ruby(r##"a"#{exit}\"##), r#""a\"\#{exit}\\""#);
        assert_eq!(ruby("é\n🦀"), r#""\u{e9}\u{a}\u{1f980}""#);
    }

    #[test]
    fn yaml_strings_stay_strings() {
        assert_eq!(yaml("yes"), "\"yes\"");
        assert_eq!(yaml("a: \"b\"\n\u{85}🦀"), r#""a: \"b\"\u000a\u0085\U0001f980""#);
    }
}
