//! Korean particles have two forms, for words that end in a consonant and for those that do not.
//!
//! A message writes both, as Korean does where it cannot know: `{name}을(를)`. Where the word ends in Hangul or in a
//! digit it can be known.

/// How a word sounds at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Vowel,
    /// The consonant ㄹ, which counts as a vowel before 로.
    Rieul,
    Consonant,
}

/// Both forms as a message writes them, after a consonant, after a vowel.
const PAIRS: [(&str, &str, &str); 6] = [
    ("을(를)", "을", "를"),
    ("이(가)", "이", "가"),
    ("은(는)", "은", "는"),
    ("와(과)", "과", "와"),
    ("(이)라", "이라", "라"),
    ("(으)로", "으로", "로"),
];

/// The form of the particle that `rest` begins with, after a word; and what is left of `rest`. Signs that close the
/// word, such as quotes, stand before the particle and are left where they are.
pub(super) fn after<'a>(word: &str, rest: &'a str) -> Option<(&'a str, &'static str, &'a str)> {
    let end = end(word)?;
    let particle = rest.trim_start_matches(['"', '`', ']', '\'']);
    let signs = &rest[..rest.len() - particle.len()];
    let (both, consonant, vowel) = PAIRS.into_iter().find(|(both, ..)| particle.starts_with(both))?;
    let as_vowel = end == End::Vowel || (end == End::Rieul && both == "(으)로");
    let form = if as_vowel { vowel } else { consonant };
    Some((signs, form, &particle[both.len()..]))
}

fn end(word: &str) -> Option<End> {
    let last = word.trim_end_matches(['"', '`', '\'']).chars().last()?;
    match last {
        '\u{ac00}'..='\u{d7a3}' => Some(match (u32::from(last) - 0xac00) % 28 {
            0 => End::Vowel,
            8 => End::Rieul,
            _ => End::Consonant,
        }),
        // As they are read: 영 일 이 삼 사 오 육 칠 팔 구.
        '0' | '3' | '6' => Some(End::Consonant),
        '1' | '7' | '8' => Some(End::Rieul),
        '2' | '4' | '5' | '9' => Some(End::Vowel),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::after;

    #[test]
    fn the_form_follows_the_sound() {
        for (word, rest, form) in [
            ("노드", "을(를) 봅니다", "를"),
            ("클러스터 셋", "이(가) 있음", "이"),
            ("1.20", "은(는)", "은"),
            ("172.16.0.2", "와(과)", "와"),
            ("서울", "(으)로", "로"),
            ("코드 1", "(으)로 끝남", "로"),
            ("코드 3", "(으)로 끝남", "으로"),
            ("코드 127", "을(를)", "을"),
        ] {
            assert_eq!(after(word, rest).map(|found| found.1), Some(form), "{word}{rest}");
        }
    }

    #[test]
    fn what_cannot_be_known_stays_and_signs_stay_where_they_are() {
        assert_eq!(after("m-k8s", "을(를)"), None);
        assert_eq!(after("노드", " 그리고"), None);
        assert_eq!(after("노드", "\"은(는) 이름"), Some(("\"", "는", " 이름")));
    }
}
