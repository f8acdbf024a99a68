//! Families of Linux distributions: the same program has other packages, or another way into the system, in each.

use super::Host;
use crate::platform::System;

/// Whose packages a Linux takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Debian, Ubuntu, Mint.
    Debian,
    /// Fedora, RHEL, Rocky, Alma.
    Fedora,
    /// Arch, Manjaro.
    Arch,
    /// openSUSE, SLES.
    Suse,
}

impl Family {
    /// All of them, in the order of their advice.
    pub const ALL: [Self; 4] = [Self::Debian, Self::Fedora, Self::Arch, Self::Suse];

    /// Its program for packages, with which the keys of its messages end.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Debian => "apt",
            Self::Fedora => "dnf",
            Self::Arch => "pacman",
            Self::Suse => "zypper",
        }
    }

    /// Its name to people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Debian => "Debian, Ubuntu",
            Self::Fedora => "Fedora, RHEL",
            Self::Arch => "Arch Linux",
            Self::Suse => "openSUSE",
        }
    }

    /// The family of a computer; `None` where it is none of these.
    #[must_use]
    pub fn of(host: &dyn Host) -> Option<Self> {
        if host.os() != System::Linux {
            return None;
        }
        of_release(&host.read("/etc/os-release")?)
    }
}

/// By `/etc/os-release`: its own name first, then the systems that it is like, the nearest first.
fn of_release(text: &str) -> Option<Family> {
    let value = |key: &str| {
        let line = text.lines().find_map(|line| line.trim().strip_prefix(key));
        line.unwrap_or_default().trim_matches(['"', '\'']).to_owned()
    };
    let names = format!("{} {}", value("ID="), value("ID_LIKE="));
    names.split_whitespace().find_map(|name| match name {
        "debian" | "ubuntu" => Some(Family::Debian),
        "fedora" | "rhel" | "centos" => Some(Family::Fedora),
        "arch" | "archlinux" => Some(Family::Arch),
        name if name.contains("suse") || name == "sles" => Some(Family::Suse),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distribution_belongs_to_the_family_that_it_is_like() {
        for (text, family) in [
            ("ID=debian\n", Some(Family::Debian)),
            (
                "NAME=Mint\nID=linuxmint\nID_LIKE=\"ubuntu debian\"\n",
                Some(Family::Debian),
            ),
            (
                "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n",
                Some(Family::Fedora),
            ),
            ("ID=manjaro\nID_LIKE=arch\n", Some(Family::Arch)),
            (
                "ID=\"opensuse-tumbleweed\"\nID_LIKE=\"opensuse suse\"\n",
                Some(Family::Suse),
            ),
            ("ID=nixos\n", None),
            ("VERSION_ID=ubuntu\n", None),
        ] {
            assert_eq!(of_release(text), family, "{text}");
        }
    }
}
