//! The names that every layer speaks: of clusters, nodes, lanes, steps and facts.
//!
//! A name is a checked string. Whoever holds one need not ask again whether it may
//! stand in a file name, a host name or a shell variable.

use std::fmt;
use std::sync::Arc;

/// Why a string is no RFC 1123 label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelError {
    /// There is no character at all.
    Empty,
    /// There are more than 63 characters (RFC 1123, section 2.1).
    TooLong,
    /// A character that is none of `a` to `z`, `0` to `9` and `-`, with its place counted from 0.
    Character(char, usize),
    /// The first or last character is a hyphen.
    Hyphen,
}

/// Checks that `text` is a lowercase RFC 1123 label, which is what Kubernetes takes for a node name.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn check_label(text: &str) -> Result<(), LabelError> {
    if text.is_empty() {
        return Err(LabelError::Empty);
    }
    if let Some((at, character)) = text
        .char_indices()
        .find(|(_, c)| !matches!(c, 'a'..='z' | '0'..='9' | '-'))
    {
        return Err(LabelError::Character(character, at));
    }
    if text.len() > 63 {
        return Err(LabelError::TooLong);
    }
    if text.starts_with('-') || text.ends_with('-') {
        return Err(LabelError::Hyphen);
    }
    Ok(())
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }
    };
}

macro_rules! label {
    ($(#[$doc:meta])* $name:ident) => {
        name!($(#[$doc])* $name);

        impl $name {
            /// Makes the name from an RFC 1123 label.
            ///
            /// # Errors
            /// When `text` is not one; see [`check_label`].
            pub fn new(text: &str) -> Result<Self, LabelError> {
                check_label(text).map(|()| Self(text.into()))
            }
        }
    };
}

macro_rules! word {
    ($(#[$doc:meta])* $name:ident) => {
        name!($(#[$doc])* $name);

        impl<T: AsRef<str>> From<T> for $name {
            fn from(text: T) -> Self {
                Self(text.as_ref().into())
            }
        }
    };
}

label!(
    /// The name of a cluster, an RFC 1123 label.
    ClusterName
);
label!(
    /// The name of a node, an RFC 1123 label: also its host name and its name in Kubernetes.
    NodeName
);
/// The names of the lanes that are no node's: what happens on this computer, and the subjects of checks. A node of such
/// a name would share its line on the screen, its log and its gates with one of them.
pub const LANES: [&str; 20] = [
    "access",
    "config",
    "control-plane",
    "deletion",
    "deployment",
    "disruptive",
    "dns",
    "downloads",
    "jobs",
    "labs",
    "load-balancer",
    "metrics",
    "nodes",
    "pod",
    "pods",
    "requests",
    "restart",
    "stateful",
    "storage",
    "workstation",
];

word!(
    /// The name of a lane: a node's, `workstation`, or the subject of a chain of checks.
    LaneName
);
word!(
    /// The name of a step, unique in its lane.
    StepName
);
word!(
    /// The name of a fact: a value made on one node and used elsewhere.
    FactName
);

impl From<&NodeName> for LaneName {
    fn from(node: &NodeName) -> Self {
        Self(node.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_follow_rfc_1123() {
        for good in ["a", "m-k8s", "0", &"x".repeat(63)] {
            assert_eq!(check_label(good), Ok(()), "{good}");
        }
        assert_eq!(check_label(""), Err(LabelError::Empty));
        assert_eq!(check_label("-a"), Err(LabelError::Hyphen));
        assert_eq!(check_label("a-"), Err(LabelError::Hyphen));
        assert_eq!(check_label("a.b"), Err(LabelError::Character('.', 1)));
        assert_eq!(check_label("Ab"), Err(LabelError::Character('A', 0)));
        assert_eq!(check_label(&"x".repeat(64)), Err(LabelError::TooLong));
    }
}
