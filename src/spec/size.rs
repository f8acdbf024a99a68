//! Sizes of memory, always with a unit.

/// Reads a size such as `2GiB`, `1746MiB`, `2GB` or `512MB` as MiB, rounded down.
///
/// `MB` and `GB` are powers of ten, `MiB` and `GiB` powers of two.
///
/// # Errors
/// What the size most likely means, in kprov's units, when it can be told.
pub fn parse_mib(text: &str) -> Result<u32, Option<String>> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let Ok(number) = number.parse::<u64>() else {
        return Err(None);
    };
    let bytes_per_unit: u64 = match unit {
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        _ => return Err(meant(number, unit.trim())),
    };
    number
        .checked_mul(bytes_per_unit)
        .and_then(|bytes| u32::try_from(bytes >> 20).ok())
        .ok_or(None)
}

/// What a number with an unknown unit, or none, most likely means.
fn meant(number: u64, unit: &str) -> Option<String> {
    match unit.to_ascii_lowercase().as_str() {
        "" | "m" | "mi" | "mib" | "mb" => Some(format!("{number}MiB")),
        "g" | "gi" | "gib" | "gb" => Some(format!("{number}GiB")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_of_two_and_of_ten() {
        assert_eq!(parse_mib("1746MiB"), Ok(1746));
        assert_eq!(parse_mib("2GiB"), Ok(2048));
        assert_eq!(parse_mib("2GB"), Ok(1907));
        assert_eq!(parse_mib("512MB"), Ok(488));
    }

    #[test]
    fn a_size_without_a_known_unit_says_what_was_meant() {
        let meant = |text: &str| Err(Some(text.to_owned()));
        assert_eq!(parse_mib("2048"), meant("2048MiB"));
        assert_eq!(parse_mib("2Gi"), meant("2GiB"));
        assert_eq!(parse_mib("2 GiB"), meant("2GiB"));
        assert_eq!(parse_mib("1700m"), meant("1700MiB"));
        for text in ["", "GiB", "-1GiB", "1.5GiB", "2TiB", "99999999999GiB", "much"] {
            assert_eq!(parse_mib(text), Err(None), "{text}");
        }
    }
}
