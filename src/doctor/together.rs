//! Which Vagrant takes which `VirtualBox`: the table `templates/together.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

use super::release;
use crate::platform::System;

const SOURCE: &str = include_str!("../../templates/together.toml");

#[derive(Deserialize)]
struct Table {
    pair: Vec<Pair>,
}

/// A minor release of `VirtualBox` and the first Vagrant that takes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    virtualbox: String,
    vagrant: String,
    macos: Option<String>,
    #[expect(dead_code, reason = "it is for those who read the table")]
    link: String,
}

static TABLE: LazyLock<Vec<Pair>> = LazyLock::new(|| {
    let table: Table = toml::from_str(SOURCE).expect("templates/together.toml is read by a test");
    table.pair
});

/// How a Vagrant and a `VirtualBox` get on.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing is known against it.
    Fits,
    /// Vagrant refuses; this one would not.
    TooOld { needed: String },
    /// `VirtualBox` is newer than any that a Vagrant is known to take, which is this one.
    Unknown { newest: String },
}

/// Holds the numbers of two versions against the table.
pub(super) fn verdict(vagrant: &[u32], virtualbox: &[u32], os: System) -> Verdict {
    let minor = &virtualbox[..virtualbox.len().min(2)];
    for (row, pair) in TABLE.iter().enumerate() {
        let known = release::numbers(&pair.virtualbox).unwrap_or_default();
        if row == 0 && minor > known.as_slice() {
            let newest = pair.virtualbox.clone();
            return Verdict::Unknown { newest };
        }
        if minor >= known.as_slice() {
            let own = pair.macos.as_ref().filter(|_| os == System::Mac);
            let needed = own.unwrap_or(&pair.vagrant);
            let enough = release::numbers(needed).is_some_and(|needed| vagrant >= needed.as_slice());
            return if enough {
                Verdict::Fits
            } else {
                Verdict::TooOld {
                    needed: needed.clone(),
                }
            };
        }
    }
    Verdict::Fits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(vagrant: &str, virtualbox: &str, os: System) -> Verdict {
        let numbers = |text| release::numbers(text).unwrap();
        verdict(&numbers(vagrant), &numbers(virtualbox), os)
    }

    fn needs(needed: &str) -> Verdict {
        Verdict::TooOld {
            needed: needed.to_owned(),
        }
    }

    #[test]
    fn the_table_is_whole_and_in_order() {
        let rows: Vec<_> = TABLE
            .iter()
            .map(|pair| release::numbers(&pair.virtualbox).unwrap())
            .collect();
        assert!(
            rows.len() >= 3 && rows.is_sorted_by(|newer, older| newer > older),
            "{rows:?}"
        );
        for pair in TABLE.iter() {
            assert!(release::numbers(&pair.vagrant).unwrap().len() == 3, "{pair:?}");
        }
    }

    #[test]
    fn a_virtualbox_wants_a_vagrant_that_knows_it() {
        assert_eq!(of("2.4.9", "7.2.10r163906", System::Linux), Verdict::Fits);
        assert_eq!(of("2.4.8", "7.2.0", System::Linux), needs("2.4.9"));
        assert_eq!(of("2.4.1", "7.1.6", System::Windows), needs("2.4.2"));
        assert_eq!(of("2.4.10", "7.2.4", System::Windows), Verdict::Fits);
        assert_eq!(of("2.3.2", "7.0.20", System::Linux), Verdict::Fits);
        assert_eq!(of("2.3.2", "7.0.20", System::Mac), needs("2.3.3"));
        assert_eq!(of("2.3.1", "7.0.20", System::Linux), needs("2.3.2"));
        assert_eq!(of("2.2.10", "6.1.50", System::Linux), Verdict::Fits);
    }

    #[test]
    fn of_a_newer_virtualbox_nothing_is_known() {
        let unknown = |newest: &str| Verdict::Unknown {
            newest: newest.to_owned(),
        };
        assert_eq!(of("2.4.9", "7.3.0", System::Linux), unknown("7.2"));
        assert_eq!(of("9.9.9", "8.0", System::Linux), unknown("7.2"));
    }
}
