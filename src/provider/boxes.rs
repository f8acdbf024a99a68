//! Boxes that are not to be had, as Vagrant says it, and those that this computer has already.

use std::path::PathBuf;
use std::sync::LazyLock;

use regex::Regex;

use crate::{platform, problems};

/// Why there is no box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BoxTrouble {
    /// Its catalogue does not have it, or not for this provider, processor or version.
    NotThere,
    /// Nobody could be asked: no network, no name, no answer.
    NotReached,
}

/// Known problems: no such box, none for this provider or processor, and no way to Vagrant's servers.
const NOT_THERE: &str = "KP-VAGRANT-101";
const NOT_FOR_THIS: &str = "KP-VAGRANT-107";
const NO_WAY: &str = "KP-VAGRANT-102";

/// curl's words, which Vagrant passes on: also as the reason why a box is not in its catalogue.
static NOT_REACHED: LazyLock<Regex> = LazyLock::new(|| {
    let words =
        "Could not resolve (host|proxy)|Failed to connect|Couldn't connect|timed out|Connection reset";
    Regex::new(words).expect("compiled by a test")
});

/// Whether what Vagrant said at its end is about a box that it could not get.
#[must_use]
pub fn box_trouble(said: &str) -> Option<BoxTrouble> {
    let found = problems::in_text(said);
    let is = |id: &str| found.iter().any(|problem| problem.id == id);
    if is(NO_WAY) || (is(NOT_THERE) && NOT_REACHED.is_match(said)) {
        return Some(BoxTrouble::NotReached);
    }
    (is(NOT_THERE) || is(NOT_FOR_THIS)).then_some(BoxTrouble::NotThere)
}

/// Whether Vagrant has a box of that name on this computer, for whatever provider.
#[must_use]
pub fn is_installed(name: &str) -> bool {
    let own = std::env::var_os("VAGRANT_HOME")
        .filter(|own| !own.is_empty())
        .map(PathBuf::from);
    let usual = || std::env::home_dir().map(|home| home.join(".vagrant.d"));
    let Some(home) = platform::vagrant_home().or(own).or_else(usual) else {
        return false;
    };
    let folder = name.replace('/', "-VAGRANTSLASH-").replace(':', "-VAGRANTCOLON-");
    home.join("boxes").join(folder).is_dir()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_that_are_not_there_are_told_from_a_network_that_is_not() {
        let catalogue = "The box 'bento/debian-99' could not be found or\ncould not be accessed in the remote catalog. If this is a private\nbox on HashiCorp's Vagrant Cloud, please verify you're logged in via\n`vagrant login`.\n\nURL: [\"https://vagrantcloud.com/bento/debian-99\"]\nError: ";
        let not_found = format!("{catalogue}The requested URL returned error: 404");
        let no_network = format!("{catalogue}Could not resolve host: vagrantcloud.com");
        assert_eq!(box_trouble(&not_found), Some(BoxTrouble::NotThere));
        assert_eq!(box_trouble(&no_network), Some(BoxTrouble::NotReached));
        for said in [
            "The box you're attempting to add doesn't support the provider\nyou requested. Please find an alternate box",
            "The box you're attempting to add has no available version that\nmatches the constraints you requested.",
            "The box you are attempting to add does not support the requested\narchitecture",
            "An error occurred while downloading the remote file. The error\nmessage, if any, is reproduced below.\n\nThe requested URL returned error: 404 Not Found",
        ] {
            assert_eq!(box_trouble(said), Some(BoxTrouble::NotThere), "{said}");
        }
        let cut = "An error occurred while downloading the remote file. The error\nmessage, if any, is reproduced below.\n\nConnection reset by peer";
        assert_eq!(box_trouble(cut), Some(BoxTrouble::NotReached));
        for other in [
            "The checksum of the downloaded box did not match the expected\nvalue.",
            "Timed out while waiting for the machine to boot.",
            "VBoxManage: error: Driverless mode (VERR_SUP_DRIVERLESS)",
        ] {
            assert_eq!(box_trouble(other), None, "{other}");
        }
    }
}
