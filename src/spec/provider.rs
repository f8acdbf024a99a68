//! The names of providers, and what tells them apart for a config file.

use std::fmt;

use super::Provider;

impl Provider {
    /// All of them, in the order in which messages list them.
    pub const ALL: &'static [Self] = &[
        Self::Auto,
        Self::Virtualbox,
        Self::Libvirt,
        Self::Docker,
        Self::Ssh,
    ];

    /// The name as `cluster.toml` has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Virtualbox => "virtualbox",
            Self::Libvirt => "libvirt",
            Self::Docker => "docker",
            Self::Ssh => "ssh",
        }
    }

    /// The provider of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|provider| provider.name() == name)
    }

    /// Whether the provider makes machines (through Vagrant), rather than takes existing hosts.
    #[must_use]
    pub const fn makes_machines(self) -> bool {
        !matches!(self, Self::Ssh)
    }

    /// Whether `other` may be what this one turns out to be: itself, or for `auto` any that makes machines.
    #[must_use]
    pub fn may_be(self, other: Self) -> bool {
        self == other || (self == Self::Auto && other.makes_machines())
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
