//! Kubernetes versions.

use std::fmt;

use crate::versions;

/// An exact version of Kubernetes, such as 1.20.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KubernetesVersion {
    /// The 20 of 1.20.2; the major number is always 1.
    pub minor: u32,
    /// The 2 of 1.20.2.
    pub patch: u32,
}

impl fmt::Display for KubernetesVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1.{}.{}", self.minor, self.patch)
    }
}

/// Why a text is no version that kprov supports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VersionError {
    /// It is not written like a version.
    Form,
    /// It is one, but older or newer than what kprov knows.
    Range,
}

impl KubernetesVersion {
    /// Reads `1.20.2`, or `1.20` for the newest patch of 1.20 that is known.
    ///
    /// # Errors
    /// [`VersionError`] says whether the form or the range is wrong.
    pub fn parse(text: &str) -> Result<Self, VersionError> {
        let mut numbers = text.split('.').map(number);
        let (Some(Some(major)), Some(Some(minor))) = (numbers.next(), numbers.next()) else {
            return Err(VersionError::Form);
        };
        let patch = match numbers.next() {
            None => None,
            Some(None) => return Err(VersionError::Form),
            Some(patch) => patch,
        };
        if numbers.next().is_some() {
            return Err(VersionError::Form);
        }
        match versions::rows().iter().find(|row| row.minor == minor) {
            Some(row) if major == 1 => Ok(Self {
                minor,
                patch: patch.unwrap_or(row.patch),
            }),
            _ => Err(VersionError::Range),
        }
    }

    /// The oldest and the newest version that kprov knows.
    #[must_use]
    pub fn supported() -> (Self, Self) {
        let first = versions::rows().first();
        let last = versions::rows().last();
        let version = |row: Option<&versions::Row>, patch: u32| Self {
            minor: row.map(|row| row.minor).unwrap_or_default(),
            patch,
        };
        (
            version(first, 0),
            version(last, last.map(|row| row.patch).unwrap_or_default()),
        )
    }
}

/// A number as versions have them: digits only, no leading zero, at most three.
fn number(text: &str) -> Option<u32> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain && text.len() <= 3 {
        text.parse().ok()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_versions_stay_and_minors_become_their_newest_patch() {
        let read = |text| KubernetesVersion::parse(text).map(|v| v.to_string());
        assert_eq!(read("1.20.2").as_deref(), Ok("1.20.2"));
        assert_eq!(read("1.20").as_deref(), Ok("1.20.15"));
        assert_eq!(read("1.36").as_deref(), Ok("1.36.5"));
        assert_eq!(read("1.36.99").as_deref(), Ok("1.36.99"));
    }

    #[test]
    fn what_is_no_version_is_told_from_what_is_out_of_range() {
        for text in [
            "",
            "1",
            "v1.20",
            "1.20.2.1",
            "1.20.x",
            "latest",
            "1.020",
            "1..2",
            "1.20.-1",
            "1.20.9999",
        ] {
            assert_eq!(KubernetesVersion::parse(text), Err(VersionError::Form), "{text}");
        }
        for text in ["1.19", "1.19.5", "1.99", "2.20", "0.20.1"] {
            assert_eq!(KubernetesVersion::parse(text), Err(VersionError::Range), "{text}");
        }
    }
}
