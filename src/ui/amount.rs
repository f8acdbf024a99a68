//! Times, rates and counts as words.

use crate::t;

/// A time for a sentence: `3.2 s`, `48 s`, `1 min 12 s`, `2 h 5 min`.
#[must_use]
pub fn duration(ms: u64) -> String {
    let tenths = rounded(ms, 100);
    let seconds = rounded(ms, 1000);
    if tenths < 100 {
        t!("ui.seconds", n = format!("{}.{}", tenths / 10, tenths % 10))
    } else if seconds < 60 {
        t!("ui.seconds", n = seconds)
    } else if seconds < 3600 {
        t!("ui.minutes", min = seconds / 60, s = seconds % 60)
    } else {
        let minutes = seconds / 60;
        t!("ui.hours", h = minutes / 60, min = minutes % 60)
    }
}

/// A time for a column: seconds to a tenth, `72.4s`, so that rows compare at a glance.
#[must_use]
pub fn seconds(ms: u64) -> String {
    let tenths = rounded(ms, 100);
    format!("{}.{}s", tenths / 10, tenths % 10)
}

/// How many bytes a second `bytes` in `ms` milliseconds are: `12.3 MB/s`, with 1 MB = 1 000 000 bytes.
#[must_use]
pub fn rate(bytes: u64, ms: u64) -> String {
    let tenths = bytes / ms.max(1) / 100;
    t!("ui.rate", n = format!("{}.{}", tenths / 10, tenths % 10))
}

/// How much of `total` is `done`, in whole percent, rounded down so that only all is 100; 100 of nothing.
#[must_use]
pub fn percent(done: u64, total: u64) -> String {
    let percent = match total {
        0 => 100,
        _ => u128::from(done.min(total)) * 100 / u128::from(total),
    };
    t!("ui.percent", n = percent)
}

/// `one` for a count of one, else `other`. Languages without a plural give the same text twice.
#[must_use]
pub fn plural(count: usize, one: String, other: String) -> String {
    if count == 1 { one } else { other }
}

/// `3 steps`.
#[must_use]
pub fn steps(count: usize) -> String {
    plural(
        count,
        t!("ui.steps-one", n = count),
        t!("ui.steps-other", n = count),
    )
}

/// `3 lanes`.
#[must_use]
pub fn lanes(count: usize) -> String {
    plural(
        count,
        t!("ui.lanes-one", n = count),
        t!("ui.lanes-other", n = count),
    )
}

const fn rounded(ms: u64, unit: u64) -> u64 {
    ms.saturating_add(unit / 2) / unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_round_before_they_choose_their_unit() {
        let cases = [
            (0, "0.0 s"),
            (49, "0.0 s"),
            (50, "0.1 s"),
            (9_949, "9.9 s"),
            (9_950, "10 s"),
            (48_000, "48 s"),
            (59_499, "59 s"),
            (59_500, "1 min 0 s"),
            (72_000, "1 min 12 s"),
            (3_599_500, "1 h 0 min"),
            (7_500_000, "2 h 5 min"),
        ];
        for (ms, text) in cases {
            assert_eq!(duration(ms), text, "{ms} ms");
        }
        assert_eq!(seconds(72_350), "72.4s");
        assert!(duration(u64::MAX).ends_with("min"));
    }

    #[test]
    fn a_transfer_is_done_only_when_all_of_it_is() {
        assert_eq!(percent(999, 1000), "99 %");
        assert_eq!(percent(1000, 1000), "100 %");
        assert_eq!(percent(2000, 1000), "100 %");
        assert_eq!(percent(0, 0), "100 %");
        assert_eq!(percent(u64::MAX / 2, u64::MAX), "49 %");
        assert_eq!(rate(12_345_678, 1000), "12.3 MB/s");
        assert_eq!(rate(5, 0), "0.0 MB/s");
    }

    #[test]
    fn one_is_the_only_singular() {
        assert_eq!([steps(0), steps(1), steps(2)], ["0 steps", "1 step", "2 steps"]);
        assert_eq!(lanes(1), "1 lane");
    }
}
