//! What kprov's own scripts say on nodes, in the language of the user.
//!
//! Scripts speak English, as logs and JSON do. The English messages of the file `said` are patterns: a line that fits one
//! is told by the message with the same key, and what stands at its placeholders is told likewise.

use std::fmt::Display;
use std::sync::OnceLock;

use super::{ENGLISH, Language, Messages, current, message, remember};

const FILE: &str = "said";
/// Placeholders that stand for a number.
const NUMBERS: &[&str] = &["count", "all", "port"];
/// Placeholders that stand for words; all others stand for one.
const WORDS: &[&str] = &[
    "answer", "checks", "counts", "devices", "end", "expect", "first", "found", "how", "kubelets", "line",
    "message", "names", "nodes", "others", "pods", "said", "system", "taint", "value", "wanted", "where",
    "why",
];
/// What stands between two sentences of a line.
const BETWEEN: &str = "; ";
/// What stands between the parts of a list.
const COMMA: &str = ", ";

/// A line of a script in the language of the user; one that nobody knows, such as another program's, as it is.
#[must_use]
pub fn told(line: &str) -> String {
    if current() == Language::En {
        return line.to_owned();
    }
    let Some(told) = sentences(line) else {
        return line.to_owned();
    };
    remember(&told, line.to_owned());
    told
}

/// A line of one sentence or several. `None` when nothing of it is known.
fn sentences(line: &str) -> Option<String> {
    let parts: Vec<&str> = line.split(BETWEEN).collect();
    let known: Vec<Option<String>> = parts.iter().map(|part| sentence(part)).collect();
    // What another program said may hold such a sign too.
    if known.iter().any(Option::is_none)
        && let Some(whole) = sentence(line)
    {
        return Some(whole);
    }
    known.iter().any(Option::is_some).then(|| {
        let told = parts.iter().zip(known);
        let told: Vec<String> = told
            .map(|(part, known)| known.unwrap_or_else(|| (*part).to_owned()))
            .collect();
        told.join(BETWEEN)
    })
}

/// By the pattern that says most of the line itself.
fn sentence(line: &str) -> Option<String> {
    let fits = patterns()
        .iter()
        .filter_map(|pattern| Some((pattern, pattern.values(line)?)));
    let (pattern, values) = fits.max_by_key(|(pattern, _)| pattern.letters())?;
    let values: Vec<(&str, String)> = values
        .into_iter()
        .map(|(name, value)| (name, part(value)))
        .collect();
    let values: Vec<(&str, &dyn Display)> = values
        .iter()
        .map(|(name, value)| (*name, value as &dyn Display))
        .collect();
    Some(message(&format!("said.{}", pattern.key), &values))
}

/// What stands at a placeholder: a sentence, a list of them, or a name.
fn part(value: &str) -> String {
    let list = || {
        let parts: Option<Vec<String>> = value.split(COMMA).map(sentence).collect();
        Some(parts?.join(COMMA))
    };
    sentence(value).or_else(list).map_or_else(
        || value.to_owned(),
        |told| {
            remember(&told, value.to_owned());
            told
        },
    )
}

/// An English message, to be read the other way round.
struct Pattern {
    key: String,
    pieces: Vec<Piece>,
}

enum Piece {
    Text(String),
    Value(String),
}

impl Pattern {
    fn new(key: String, template: &str) -> Self {
        let mut pieces = Vec::new();
        let mut rest = template;
        while let Some((text, after)) = rest.split_once('{') {
            let Some((name, after)) = after.split_once('}') else {
                break;
            };
            if !text.is_empty() {
                pieces.push(Piece::Text(text.to_owned()));
            }
            pieces.push(Piece::Value(name.to_owned()));
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Self { key, pieces }
    }

    /// How much of a line it says itself.
    fn letters(&self) -> usize {
        let pieces = self.pieces.iter();
        pieces
            .map(|piece| match piece {
                Piece::Text(text) => text.len(),
                Piece::Value(_) => 0,
            })
            .sum()
    }

    /// What stands at its placeholders in a line that fits it.
    fn values<'a>(&'a self, line: &'a str) -> Option<Vec<(&'a str, &'a str)>> {
        let mut values = Vec::new();
        fits(&self.pieces, line, &mut values).then_some(values)
    }
}

fn fits<'a>(pieces: &'a [Piece], line: &'a str, values: &mut Vec<(&'a str, &'a str)>) -> bool {
    match pieces {
        [] => line.is_empty(),
        [Piece::Text(text), rest @ ..] => line
            .strip_prefix(text)
            .is_some_and(|line| fits(rest, line, values)),
        [Piece::Value(name), rest @ ..] => {
            let ends = match rest {
                [Piece::Text(next), ..] => line.match_indices(next.as_str()).map(|(at, _)| at).collect(),
                _ => vec![line.len()],
            };
            let before = values.len();
            ends.into_iter().any(|end| {
                values.truncate(before);
                let value = &line[..end];
                values.push((name, value));
                stands_for(name, value) && fits(rest, &line[end..], values)
            })
        }
    }
}

/// Whether a placeholder of that name can stand for this.
fn stands_for(name: &str, value: &str) -> bool {
    let is = |names: &[&str]| names.contains(&name);
    !value.is_empty()
        && if is(NUMBERS) {
            value.bytes().all(|byte| byte.is_ascii_digit())
        } else {
            is(WORDS) || !value.contains(' ')
        }
}

fn patterns() -> &'static [Pattern] {
    static PATTERNS: OnceLock<Vec<Pattern>> = OnceLock::new();
    PATTERNS.get_or_init(|| {
        let source = ENGLISH.iter().find(|(name, _)| *name == FILE);
        let messages: Messages = source
            .and_then(|(_, source)| toml::from_str(source).ok())
            .unwrap_or_default();
        let mut patterns: Vec<Pattern> = messages
            .into_iter()
            .map(|(key, template)| Pattern::new(key, &template))
            .collect();
        // Of two that say as much of a line it is always the same that tells it.
        patterns.sort_by(|a, b| a.key.cmp(&b.key));
        patterns
    })
}

#[cfg(test)]
mod tests {
    use super::told;
    use crate::text::{Language, english, in_english, in_language};

    fn korean(line: &str) -> String {
        in_language(Language::Ko, || told(line))
    }

    #[test]
    fn lines_of_scripts_are_told_in_the_language_of_the_user() {
        for (line, told) in [
            ("3 nodes are Ready", "노드 3개가 Ready임"),
            (
                "3 pods: 1 on w1-k8s, 2 on w2-k8s",
                "파드 3개: w1-k8s에 1개, w2-k8s에 2개",
            ),
            // Sentences, of which one holds what another program said.
            (
                "w1-k8s has not joined; w2-k8s is not Ready: KubeletNotReady: a; b",
                "w1-k8s이(가) 클러스터에 조인하지 않음; w2-k8s가 Ready가 아님: KubeletNotReady: a; b",
            ),
            (
                "10.96.0.10, asked for a.b, gives no answer instead of 10.96.0.1; 0 of 2 coredns pods are ready",
                "10.96.0.10에 a.b를 물은 결과가 10.96.0.1이 아님: 응답 없음; coredns 파드 2개 중 0개가 준비됨",
            ),
            // A list of sentences.
            (
                "1 of 2 pods are Ready on other nodes: resident-a is given up, resident-b still belongs to w1-k8s",
                "파드 2개 중 1개가 다른 노드에서 Ready임: resident-a는 축출됨, resident-b가 아직 w1-k8s에 속함",
            ),
            // Of a number only.
            ("many nodes are Ready", "many nodes are Ready"),
            ("curl: (7) Failed to connect", "curl: (7) Failed to connect"),
            ("", ""),
        ] {
            let said = korean(line);
            assert_eq!(
                said.replace("k8s이(가)", "k8s가"),
                told.replace("k8s이(가)", "k8s가"),
                "{line}"
            );
            assert_eq!(english(&said), line, "JSON and logs");
            assert_eq!(in_english(|| super::told(line)), line);
        }
    }
}
