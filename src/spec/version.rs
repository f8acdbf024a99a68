//! Kubernetes versions.

use std::fmt;

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
