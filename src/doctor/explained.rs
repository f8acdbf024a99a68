//! What the doctor can find, explained without a computer that has it.

use std::collections::BTreeMap;
use std::fmt::Display;

use super::{Family, named};
use crate::platform::System;
use crate::t;
use crate::text::{self, Language};

/// A finding's id with what it means everywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// The id, as it is written.
    pub id: String,
    /// What is wrong and why it matters.
    pub what: String,
    /// What to do, line by line: in general, then on systems where that is something else.
    pub advice: Vec<(Option<&'static str>, String)>,
}

/// All ids, in the order of their names.
#[must_use]
pub fn ids() -> Vec<String> {
    let source = text::files(Language::En)
        .iter()
        .find(|(name, _)| *name == "doctor");
    let texts: BTreeMap<String, String> = source
        .and_then(|(_, source)| toml::from_str(source).ok())
        .unwrap_or_default();
    let ids = texts.keys().filter_map(|key| key.strip_suffix("-title"));
    ids.map(str::to_owned).collect()
}

/// What a finding of that id means; `None` for an id that is none.
#[must_use]
pub fn explained(id: &str) -> Option<Explained> {
    let id = id.to_uppercase();
    let title = text::optional(&format!("doctor.{id}-title"))?;
    let why = t!(&format!("doctor.{id}-why"));
    let systems = Family::ALL
        .map(|family| (family.key(), family.name()))
        .into_iter()
        .chain([System::Mac, System::Windows].map(|os| (os.key(), os.name())));
    let mut advice: Vec<(Option<&'static str>, String)> = Vec::new();
    advice.extend(filled(&id, &format!("doctor.{id}-do")).map(|text| (None, text)));
    for (key, name) in systems {
        advice.extend(filled(&id, &format!("doctor.{id}-do-{key}")).map(|text| (Some(name), text)));
    }
    Some(Explained {
        id,
        what: format!("{title}. {why}"),
        advice,
    })
}

/// An advice of a finding with what an examination would fill in, for example.
fn filled(id: &str, key: &str) -> Option<String> {
    text::optional(key)?;
    let named = named::commands(id, &["k8s-lab-w1-k8s"]);
    let named = named.iter().map(|(name, value)| (*name, value as &dyn Display));
    let examples = EXAMPLES
        .iter()
        .map(|(name, value)| (*name, value as &dyn Display));
    let examples: Vec<(&str, &dyn Display)> = examples.chain(named).collect();
    Some(text::message(key, &examples))
}

/// What advice is filled with that depends on what was seen.
const EXAMPLES: &[(&str, &str)] = &[
    ("module", "kvm_intel"),
    ("needed", "2.4.9"),
    ("line", "* 192.168.56.0/21 192.168.1.0/24"),
    ("free", "192.168.56.0/24"),
    ("host", "192.168.56.10"),
    ("port", "22"),
    ("interface", "tun0"),
    ("newest", "7.2"),
    ("key", "/var/lib/dkms/mok.pub"),
    ("cluster", "k8s-lab"),
    ("names", "k8s-lab-m-k8s k8s-lab-w1-k8s"),
    ("pid", "4711"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_is_explained_with_nothing_left_to_fill() {
        let ids = ids();
        assert!(ids.len() > 40, "{ids:?}");
        for id in ids {
            let explained = explained(&id.to_lowercase()).unwrap();
            assert_eq!(explained.id, id);
            assert!(!explained.what.contains('{'), "{}", explained.what);
            assert!(!explained.advice.is_empty(), "{id}");
            for (system, advice) in explained.advice {
                assert!(advice.starts_with("1. "), "{id} {system:?}: {advice}");
                let names = advice.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
                let left: Vec<&str> = names.map(|(name, _)| name).collect();
                assert!(
                    left.iter()
                        .all(|name| !name.chars().all(|c| c.is_ascii_lowercase())),
                    "{id} {system:?}: {advice}"
                );
            }
        }
        assert_eq!(explained("KP-HOST-999"), None);
    }
}
