//! Boxes that are not to be had, as Vagrant says it, and those that this computer has already.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

use super::{tool, vagrant};
use crate::artifact::Until;
use crate::error::{Error, Result};
use crate::spec::{MachineBox, Provider};
use crate::t;
use crate::transport::Cancel;
use crate::transport::local::Program;
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
    folder(name).is_some_and(|folder| folder.is_dir())
}

/// A box that Vagrant has on this computer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstalledBox {
    /// Its version; `0` for one that came as a file.
    pub version: String,
    /// Where its files are.
    pub dir: PathBuf,
}

/// The box of that name that Vagrant has for a provider and an architecture: of that version, or the newest.
#[must_use]
pub fn installed_box(
    name: &str,
    version: Option<&str>,
    provider: Provider,
    arch: &str,
) -> Option<InstalledBox> {
    let versions = fs::read_dir(folder(name)?).ok()?.flatten();
    let found = versions.filter_map(|entry| {
        let own = entry.file_name().into_string().ok()?;
        // Up to Vagrant 2.3 there was no folder for the architecture, and boxes of none have none: then they are for
        // this computer.
        let bare = (arch == platform::arch()).then(|| entry.path());
        let dir = [entry.path().join(arch)]
            .into_iter()
            .chain(bare)
            .map(|dir| dir.join(provider.name()))
            .find(|dir| dir.join("metadata.json").is_file())?;
        version
            .is_none_or(|version| version == own)
            .then_some(InstalledBox { version: own, dir })
    });
    found.max_by_key(|found| numbers(&found.version))
}

/// A version for comparisons: its numbers.
fn numbers(version: &str) -> Vec<u64> {
    let parts = version.split(|c: char| !c.is_ascii_digit());
    parts.filter_map(|part| part.parse().ok()).collect()
}

/// Vagrant's folder for the boxes of a name.
fn folder(name: &str) -> Option<PathBuf> {
    let own = std::env::var_os("VAGRANT_HOME")
        .filter(|own| !own.is_empty())
        .map(PathBuf::from);
    let usual = || std::env::home_dir().map(|home| home.join(".vagrant.d"));
    let home = platform::vagrant_home().or(own).or_else(usual)?;
    let folder = name.replace('/', "-VAGRANTSLASH-").replace(':', "-VAGRANTCOLON-");
    Some(home.join("boxes").join(folder))
}

/// Writes the files of a box into one, as `vagrant box add` takes it.
///
/// # Errors
/// What kept them from being read or the file from being written, or that it was time to stop.
pub fn pack_box(from: &Path, file: &Path, stop: &dyn Fn() -> bool) -> io::Result<()> {
    let mut paths: Vec<PathBuf> = fs::read_dir(from)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()?;
    // The same box is the same bytes.
    paths.sort();
    let inner = fs::File::create(file)?;
    let mut tar = tar::Builder::new(BufWriter::with_capacity(1 << 18, Until { inner, stop }));
    tar.mode(tar::HeaderMode::Deterministic);
    for path in paths {
        let name = path.file_name().unwrap_or_default();
        // Which machine of this computer the linked clones are of.
        if name.to_string_lossy().starts_with("master_id") {
            continue;
        }
        if path.is_dir() {
            tar.append_dir_all(name, &path)?;
        } else {
            tar.append_path_with_name(&path, name)?;
        }
    }
    tar.into_inner()?.flush()
}

/// Has Vagrant bring a box: from its address, or from its catalogue by its name.
///
/// # Errors
/// What Vagrant says instead.
pub fn fetch_box(
    own: &MachineBox,
    provider: Provider,
    arch: &str,
    cancel: &Cancel,
    say: &mut dyn FnMut(&str),
) -> Result<()> {
    let scratch = tempfile::tempdir().map_err(|error| Error::host(t!("provider.no-room")).cause(&error))?;
    let mut add = vagrant::program(scratch.path())?
        .args(["box", "add", "--provider", provider.name()])
        .timeout(vagrant::BOOT);
    // Up to Vagrant 2.3 there is no such option, and it takes what is for this computer by itself.
    if arch != platform::arch() {
        add = add.args(["--architecture", arch]);
    }
    if let Some(version) = &own.version {
        add = add.args(["--box-version", version]);
    }
    if let Some(sum) = &own.sha256 {
        add = add.args(["--checksum-type", "sha256", "--checksum", sum]);
    }
    let add = match &own.url {
        Some(url) => add.args(["--name", &own.name, url]),
        None => add.args([&own.name]),
    };
    added(&add, cancel, say)
}

/// Gives a box file to Vagrant, under its name. With a version Vagrant is told so by a catalogue of this one box.
///
/// # Errors
/// What Vagrant says instead.
pub fn add_box(
    own: &MachineBox,
    provider: Provider,
    file: &Path,
    cancel: &Cancel,
    say: &mut dyn FnMut(&str),
) -> Result<()> {
    let scratch = tempfile::tempdir().map_err(|error| Error::host(t!("provider.no-room")).cause(&error))?;
    let unreadable = |error: io::Error| Error::cannot_read(file, &error);
    // Vagrant has a folder of its own, in which it looks.
    let file = std::path::absolute(file).map_err(unreadable)?;
    let add = vagrant::program(scratch.path())?
        .args(["box", "add", "--provider", provider.name()])
        .timeout(vagrant::BOOT);
    let add = match &own.version {
        None => add.args(["--name", &own.name]).args([&file]),
        Some(version) => {
            let catalogue = serde_json::json!({
                "name": own.name,
                "versions": [{
                    "version": version,
                    "providers": [{
                        "name": provider.name(), "url": file,
                        "architecture": platform::arch(), "default_architecture": true,
                    }],
                }],
            });
            let path = scratch.path().join("box.json");
            let written = fs::write(&path, catalogue.to_string());
            written.map_err(|error| Error::host(t!("provider.no-room")).cause(&error))?;
            add.args(["--box-version", version]).args([&path])
        }
    };
    added(&add, cancel, say)
}

fn added(add: &Program, cancel: &Cancel, say: &mut dyn FnMut(&str)) -> Result<()> {
    say(&t!("provider.running", command = add.display()));
    tool::done(add, cancel, say).map(drop)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn a_box_is_packed_until_it_is_time_to_stop() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("disk.vmdk"), vec![7; 16 << 20]).unwrap();
        let packed = dir.path().with_extension("box");
        let asked = Cell::new(0);
        let stop = || asked.replace(asked.get() + 1) > 4;
        pack_box(dir.path(), &packed, &stop).unwrap_err();
        let size = || fs::metadata(&packed).unwrap().len();
        assert!(size() < 8 << 20, "{}", size());
        pack_box(dir.path(), &packed, &|| false).unwrap();
        assert!(size() > 16 << 20, "{}", size());
        fs::remove_file(packed).unwrap();
    }

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
