//! Known problems: from what a program said to what it means and what to do about it.
//!
//! The table is `templates/problems.toml`; the explanations are messages, `problems.ID-what` and `problems.ID-do`.

use std::sync::LazyLock;

use regex::RegexSet;
use serde::Deserialize;

use crate::platform::System;
use crate::{t, text};

/// The table, as it is embedded.
const SOURCE: &str = include_str!("../templates/problems.toml");

/// Something that goes wrong with many, recognised by what a program says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Problem {
    /// Its name for good, such as `KP-VBOX-101`.
    pub id: String,
    /// A regular expression over what was said.
    pub pattern: String,
    /// Where it is discussed: `owner/repo#number` on GitHub, or an address.
    pub link: String,
    /// What a program really says.
    pub sample: String,
}

#[derive(Deserialize)]
struct Table {
    problem: Vec<Problem>,
}

static TABLE: LazyLock<Vec<Problem>> = LazyLock::new(|| {
    toml::from_str::<Table>(SOURCE)
        .expect("templates/problems.toml is read by a test")
        .problem
});

/// Compiled at the first failure, so that a run without one does not pay for it.
static PATTERNS: LazyLock<RegexSet> = LazyLock::new(|| {
    let patterns = TABLE.iter().map(|problem| format!("(?m){}", problem.pattern));
    RegexSet::new(patterns).expect("the patterns are compiled by a test")
});

/// All of them, the particular ones before the general ones.
#[must_use]
pub fn all() -> &'static [Problem] {
    &TABLE
}

/// The problem of that id, in any case of letters.
#[must_use]
pub fn named(id: &str) -> Option<&'static Problem> {
    all().iter().find(|problem| problem.id.eq_ignore_ascii_case(id))
}

/// The problems that `text` speaks of, the most particular first.
#[must_use]
pub fn in_text(text: &str) -> Vec<&'static Problem> {
    PATTERNS
        .matches(text)
        .into_iter()
        .map(|number| &TABLE[number])
        .collect()
}

impl Problem {
    /// What happened and why, in the user's language.
    #[must_use]
    pub fn what(&self) -> String {
        t!(&format!("problems.{id}-what", id = self.id))
    }

    /// What to do about it on this computer, line by line, in the user's language.
    #[must_use]
    pub fn advice(&self) -> String {
        self.advice_on(System::HERE)
    }

    /// What to do about it on a computer with that system.
    #[must_use]
    pub fn advice_on(&self, system: System) -> String {
        let own = text::optional(&format!(
            "problems.{id}-do-{key}",
            id = self.id,
            key = system.key()
        ));
        own.unwrap_or_else(|| t!(&format!("problems.{id}-do", id = self.id)))
    }

    /// What to do about it wherever that may be: in general, then on systems where that is something else, with their
    /// names.
    #[must_use]
    pub fn advice_everywhere(&self) -> Vec<(Option<&'static str>, String)> {
        let mut all = Vec::new();
        all.extend(text::optional(&format!("problems.{id}-do", id = self.id)).map(|text| (None, text)));
        for system in System::ALL {
            let own = text::optional(&format!(
                "problems.{id}-do-{key}",
                id = self.id,
                key = system.key()
            ));
            all.extend(own.map(|text| (Some(system.name()), text)));
        }
        all
    }

    /// The address of the link.
    #[must_use]
    pub fn address(&self) -> String {
        match self.link.split_once('#') {
            Some((repository, number)) if !self.link.contains("://") => {
                format!("https://github.com/{repository}/issues/{number}")
            }
            _ => self.link.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_sample_is_recognised_as_its_own_problem_and_no_other() {
        assert!(all().len() >= 80, "{} problems", all().len());
        for problem in all() {
            let found: Vec<&str> = in_text(&problem.sample).iter().map(|it| it.id.as_str()).collect();
            assert_eq!(found, [&problem.id], "{}", problem.sample);
        }
    }

    #[test]
    fn a_problem_has_the_fix_of_the_system_that_it_is_on() {
        let docker = named("KP-DOCKER-101").unwrap();
        assert!(docker.advice_on(System::Linux).contains("systemctl start docker"));
        for system in [System::Mac, System::Windows] {
            let advice = docker.advice_on(system);
            assert!(
                advice.contains("Docker Desktop") && !advice.contains("systemctl"),
                "{advice}"
            );
        }
        let driver = named("KP-VBOX-106").unwrap();
        assert!(driver.advice_on(System::Windows).contains("Repair"));
        assert!(driver.advice_on(System::Linux).contains("modprobe vboxdrv"));
        // What is the same everywhere is written once, and a page has all of them.
        let range = named("KP-VBOX-102").unwrap();
        assert_eq!(range.advice_on(System::Linux), range.advice_on(System::Windows));
        assert_eq!(range.advice_everywhere().len(), 1);
        let systems: Vec<_> = driver
            .advice_everywhere()
            .into_iter()
            .map(|(system, _)| system)
            .collect();
        assert_eq!(systems, [None, Some("macOS"), Some("Windows")]);
    }

    #[test]
    fn what_goes_well_is_no_problem() {
        let said = "[kubelet-start] Starting the kubelet\nThis node has joined the cluster\n==> w1-k8s: Machine booted and ready!\nmodprobe: FATAL: Module configs not found in directory /lib/modules/6.1.0-37-amd64";
        assert!(in_text(said).is_empty());
    }

    #[test]
    fn ids_have_their_form_and_texts() {
        let mut ids = HashSet::new();
        for problem in all() {
            let parts: Vec<&str> = problem.id.split('-').collect();
            let [kp, area, number] = parts[..] else {
                panic!("{}", problem.id)
            };
            assert!(
                kp == "KP" && area.chars().all(|c| c.is_ascii_uppercase()),
                "{}",
                problem.id
            );
            assert!(
                (100..1000).contains(&number.parse::<u32>().unwrap()),
                "{}",
                problem.id
            );
            assert!(ids.insert(&problem.id), "{} stands twice", problem.id);
            assert!(
                problem.what().ends_with('.'),
                "{}: {}",
                problem.id,
                problem.what()
            );
            for system in System::ALL {
                let advice = problem.advice_on(system);
                assert!(
                    advice.starts_with("1. "),
                    "{} on {system:?}: {advice}",
                    problem.id
                );
            }
            assert!(problem.address().starts_with("https://"), "{}", problem.link);
        }
    }
}
