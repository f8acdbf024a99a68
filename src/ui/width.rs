//! Text in columns. A Korean syllable takes two columns, an escape code none.

use std::borrow::Cow;

use console::{Alignment, measure_text_width, pad_str, strip_ansi_codes, truncate_str};

/// How many columns `text` takes.
#[must_use]
pub fn width(text: &str) -> usize {
    measure_text_width(text)
}

/// `text` and as many spaces as make `columns`.
#[must_use]
pub fn left(text: &str, columns: usize) -> Cow<'_, str> {
    pad_str(text, columns, Alignment::Left, None)
}

/// As many spaces as make `columns`, and `text`.
#[must_use]
pub fn right(text: &str, columns: usize) -> Cow<'_, str> {
    pad_str(text, columns, Alignment::Right, None)
}

/// `text` in at most `columns`, with two dots where something is missing.
#[must_use]
pub fn cut(text: &str, columns: usize) -> Cow<'_, str> {
    truncate_str(text, columns, "..")
}

/// What a program wrote, made safe to show in a line: without escape codes and control characters.
#[must_use]
pub fn one_line(text: &str) -> String {
    strip_ansi_codes(text)
        .split(|c: char| c.is_control() || c.is_whitespace())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// What a program wrote, made safe to show with its own spaces: tabs become spaces, the last of
/// several texts that a carriage return put over each other stays, and nothing moves the cursor.
#[must_use]
pub fn harmless(line: &str) -> String {
    let plain = strip_ansi_codes(line);
    let last = plain.trim_end().rsplit('\r').next().unwrap_or_default();
    last.chars()
        .map(|c| if c == '\t' { ' ' } else { c })
        .filter(|c| !c.is_control())
        .collect()
}

/// `text` as lines of at most `columns`, broken between words; a longer word stands alone.
#[must_use]
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split_whitespace() {
        let wide = width(word);
        if used > 0 && used + 1 + wide > columns {
            lines.push(String::new());
            used = 0;
        }
        if let Some(line) = lines.last_mut() {
            if used > 0 {
                line.push(' ');
                used += 1;
            }
            line.push_str(word);
            used += wide;
        }
    }
    lines
}

/// The same with longer words broken too, for a column that has to stay one. What follows such a word stands beside its
/// end.
#[must_use]
pub fn fill(text: &str, columns: usize) -> Vec<String> {
    let mut words = String::new();
    for word in text.split_whitespace() {
        let mut used = 0;
        for c in word.chars() {
            let wide = width(c.encode_utf8(&mut [0; 4]));
            if used > 0 && used + wide > columns {
                words.push(' ');
                used = 0;
            }
            words.push(c);
            used += wide;
        }
        words.push(' ');
    }
    wrap(&words, columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn korean_is_two_columns_wide() {
        assert_eq!(width("노드 w1"), 7);
        assert_eq!(left("노드", 6), "노드  ");
        assert_eq!(right("노드", 6), "  노드");
        assert_eq!(width(&cut("노드가 준비되었습니다", 9)), 9);
        assert_eq!(wrap("노드가 준비되었습니다", 10), ["노드가", "준비되었습니다"]);
        assert_eq!(
            fill("노드가 준비되었습니다", 10),
            ["노드가", "준비되었습", "니다"]
        );
        assert_eq!(fill("a/long/path/here is", 10), ["a/long/pat", "h/here is"]);
    }

    #[test]
    fn escape_codes_are_no_columns_and_no_danger() {
        let red = super::super::style::Tone::Bad.paint("red");
        assert_eq!(width(&red), 3);
        assert_eq!(one_line(&format!(" {red}\r\n\tx\u{7}")), "red x");
        assert_eq!(harmless("10 %\r 55 %\r\x1b[2K100 %\r"), "100 %");
        assert_eq!(harmless("\tE: \x1b[31mlocked\x1b[0m\u{8}"), " E: locked");
    }
}
