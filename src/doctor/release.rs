//! Versions of programs, compared number by number.

/// The numbers of a version such as `7.2.10r163906` or `Vagrant 2.4.9`; `None` where there are none.
pub(super) fn numbers(text: &str) -> Option<Vec<u32>> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let version: String = text[start..]
        .chars()
        .take_while(|c| c.is_ascii_digit() || *c == '.')
        .collect();
    let numbers: Vec<u32> = version
        .trim_matches('.')
        .split('.')
        .map_while(|part| part.parse().ok())
        .collect();
    (!numbers.is_empty()).then_some(numbers)
}

/// As people write it.
pub(super) fn text(numbers: &[u32]) -> String {
    numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number() {
        assert_eq!(numbers("7.2.10r163906"), Some(vec![7, 2, 10]));
        assert_eq!(numbers("Vagrant 2.4.9"), Some(vec![2, 4, 9]));
        assert!(numbers("7.2.10") > numbers("7.2.9"));
        assert!(numbers("7.2.10") > numbers("7.2"));
        assert_eq!(numbers("no version"), None);
        assert_eq!(text(&[7, 2]), "7.2");
    }
}
