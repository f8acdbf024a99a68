//! Korean particles have two forms, for words that end in a consonant and for those that do not.
//!
//! A message writes both, as Korean does where it cannot know: `{name}을(를)`. Where the word ends in Hangul or in a
//! digit it can be known, and where it ends in a Latin letter mostly, from how such words are written in Hangul.

/// How a word sounds at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Vowel,
    /// The consonant ㄹ, which counts as a vowel before 로.
    Rieul,
    Consonant,
}

/// Both forms as a message writes them, after a consonant, after a vowel.
const PAIRS: [(&str, &str, &str); 8] = [
    ("을(를)", "을", "를"),
    ("이(가)", "이", "가"),
    ("은(는)", "은", "는"),
    ("와(과)", "과", "와"),
    ("(이)라", "이라", "라"),
    ("(이)어야", "이어야", "여야"),
    ("(이)든", "이든", "든"),
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
        _ => latin(word.trim_end_matches(['"', '`', '\''])),
    }
}

/// The end of a word in Latin letters. Nothing is said of endings that Hangul writes now one way, now another.
fn latin(word: &str) -> Option<End> {
    let start = word
        .rfind(|c: char| !c.is_ascii_alphabetic())
        .map_or(0, |at| at + word[at..].chars().next().map_or(1, char::len_utf8));
    let letters = &word[start..];
    // Letters that are read one by one: DNS, the s of k8s, the end of a pod's name, in which there are no vowels.
    let no_vowel = !letters
        .bytes()
        .any(|b| b"aeiouy".contains(&b.to_ascii_lowercase()));
    if no_vowel
        || letters.len() == 1
        || (letters.len() < 5 && letters.bytes().all(|b| b.is_ascii_uppercase()))
    {
        return Some(match letters.bytes().last()?.to_ascii_lowercase() {
            b'l' | b'r' => End::Rieul,
            b'm' | b'n' => End::Consonant,
            _ => End::Vowel,
        });
    }
    // Units: 2GiB is read as gibibytes.
    if letters.ends_with("iB") {
        return Some(End::Vowel);
    }
    let letters = letters.to_ascii_lowercase();
    let is_vowel = |letter: u8| b"aeiou".contains(&letter);
    let mut back = letters.bytes().rev();
    let (last, before) = (back.next()?, back.next()?);
    match (before, last) {
        // The e of module, volume and machine is not heard.
        (_, b'l') | (b'l', b'e') => Some(End::Rieul),
        // 시스템, 핑, 넷, 스태틱.
        (_, b'm' | b'n') | (b'm' | b'n', b'e') | (b'n', b'g') | (b'e', b't') | (b'i', b'c') => {
            Some(End::Consonant)
        }
        // 랩, 웹, 잡, 스왑, 업.
        (b'a' | b'e' | b'i', b'b' | b'p') | (b'o', b'b') | (b'u', b'p') => Some(End::Consonant),
        // 디스크 and 블록, 포트 and 포맷.
        (before, b'k') => (!is_vowel(before) && before != b'c').then_some(End::Vowel),
        (before, b't' | b'p') => (!is_vowel(before)).then_some(End::Vowel),
        (_, b'b' | b'c' | b'q') => None,
        _ => Some(End::Vowel),
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
            ("w1-k8s", "이(가)", "가"),
            ("k8s-lab", "을(를)", "을"),
            ("/home/student/lab/cluster.toml", "을(를)", "을"),
            ("cluster.toml", "(으)로", "로"),
            ("nginx", "은(는)", "는"),
            ("docker", "와(과)", "와"),
            ("containerd", "이(가)", "가"),
            ("kubelet", "이(가)", "이"),
            ("kubeadm", "을(를)", "을"),
            ("kube-system", "을(를)", "을"),
            ("kube-proxy", "이(가)", "가"),
            ("web-695f568dcd-d4bhq", "을(를)", "를"),
            ("web-5768c9dc7c-52pkm", "이(가)", "이"),
            ("svc", "은(는)", "는"),
            ("volume", "이(가)", "이"),
            ("host", "은(는)", "는"),
            ("DNS", "이(가)", "가"),
            ("VM", "(이)라는", "이라"),
            ("2GiB", "은(는)", "는"),
            ("URL", "은(는)", "은"),
            ("정수", "(이)어야 합니다", "여야"),
        ] {
            assert_eq!(after(word, rest).map(|found| found.1), Some(form), "{word}{rest}");
        }
    }

    #[test]
    fn what_cannot_be_known_stays_and_signs_stay_where_they_are() {
        assert_eq!(after("block", "을(를)"), None);
        assert_eq!(after("(m-k8s)", "을(를)"), None);
        assert_eq!(after("노드", " 그리고"), None);
        assert_eq!(after("노드", "\"은(는) 이름"), Some(("\"", "는", " 이름")));
    }
}
