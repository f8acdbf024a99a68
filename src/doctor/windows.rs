//! What a computer with Windows says of itself, all in one call.

use super::Host;
use crate::platform::System;

const SCRIPT: &str = include_str!("../../templates/windows.ps1");

/// The answers of the script, by name; a name may stand several times.
#[derive(Debug, Default)]
pub(super) struct Windows(Vec<(String, String)>);

impl Windows {
    /// Asks; on another system there is no answer.
    pub(super) fn ask(host: &dyn Host) -> Self {
        if host.os() != System::Windows {
            return Self::default();
        }
        let said = host.powershell("windows.ps1", SCRIPT).unwrap_or_default();
        let answers = said.text.lines().filter_map(|line| {
            let (name, value) = line.trim().split_once('=')?;
            (!value.is_empty()).then(|| (name.to_owned(), value.to_owned()))
        });
        Self(answers.collect())
    }

    /// All answers of that name.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let found = self.0.iter().filter(move |(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The answer of that name, if it was found out.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// The same as a number.
    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.get(name)?.parse().ok()
    }
}
