//! What differs between Linux, macOS and Windows as the computer that kprov runs on. Nobody else asks which one it is.
//!
//! Where a system has its things is a pure function of the [`System`], so that every answer is compiled and tested
//! everywhere. What needs the system's own interfaces is in two files with the same functions: one for Linux and
//! macOS, one for Windows.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

mod places;
mod typed;
#[cfg(unix)]
mod unix;
#[cfg(not(unix))]
mod windows;

#[cfg(unix)]
use unix as own;
#[cfg(not(unix))]
use windows as own;

pub use own::{apart, await_bytes, end, interrupt, make_private_dir, open_privately, open_to_all};

/// An operating system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum System {
    /// Linux, and whatever is like it.
    Linux,
    /// macOS, on Intel or Apple silicon.
    #[serde(rename = "macos")]
    Mac,
    /// Windows.
    Windows,
}

impl System {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Linux, Self::Mac, Self::Windows];

    /// Its name to people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Linux => "Linux",
            Self::Mac => "macOS",
            Self::Windows => "Windows",
        }
    }

    /// Its name, as keys of messages end with it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Linux => "linux",
            Self::Mac => "macos",
            Self::Windows => "windows",
        }
    }

    /// The one that kprov runs on.
    pub const HERE: Self = if cfg!(windows) {
        Self::Windows
    } else if cfg!(target_os = "macos") {
        Self::Mac
    } else {
        Self::Linux
    };
}

/// Finds a program by any of its names: on the `PATH`, else where its installer puts it.
///
/// On Windows neither `VirtualBox` nor an older Vagrant puts itself on the `PATH`, and a program that is started
/// from a window of macOS has a short one.
#[must_use]
pub fn program(names: &[&str]) -> Option<PathBuf> {
    names.iter().find_map(|name| which::which(name).ok()).or_else(|| {
        let usual = names
            .iter()
            .flat_map(|name| places::programs(System::HERE, name, &variable));
        usual.into_iter().find(|path| path.is_file())
    })
}

/// The directory for what several clusters use: `KPROV_CACHE`, else one where the system has such things.
#[must_use]
pub fn cache() -> PathBuf {
    let own = || {
        let home = env::home_dir();
        let shared = places::cache(System::HERE, home.as_deref(), &variable);
        shared.unwrap_or_else(env::temp_dir).join("kprov")
    };
    env::var_os("KPROV_CACHE").map_or_else(own, PathBuf::from)
}

/// Where Vagrant has to keep its boxes when it cannot do so in the user's folder: on Windows it fails on a user name
/// with letters beyond ASCII, such as Korean ones (hashicorp/vagrant#11431, #3840).
#[must_use]
pub fn vagrant_home() -> Option<PathBuf> {
    places::vagrant_home(System::HERE, &variable)
}

/// The files that may name a plugin of Vagrant's: the list of what the user has installed, and what packages of Debian
/// and its kin bring.
#[must_use]
pub fn vagrant_plugin_files(plugin: &str, variable: &dyn Fn(&str) -> Option<String>) -> Vec<String> {
    let home = variable("VAGRANT_HOME");
    let home = home.or_else(|| Some(format!("{}/.vagrant.d", variable("HOME")?)));
    let own = home.map(|home| format!("{home}/plugins.json"));
    let packaged = format!("/usr/share/vagrant-plugins/plugins.d/{plugin}.json");
    own.into_iter().chain([packaged]).collect()
}

/// The file in which `VirtualBox` keeps the ranges that host-only networks may have, where there is a limit.
///
/// It limits them on Linux and Solaris since 6.1.28, and Vagrant reads the same file. On Windows there is no limit,
/// on macOS none since `VirtualBox` 7, which has networks of another kind there
/// (hashicorp/vagrant, `plugins/providers/virtualbox/action/network.rb`).
#[must_use]
pub const fn host_only_ranges() -> Option<&'static str> {
    match System::HERE {
        System::Linux => Some("/etc/vbox/networks.conf"),
        System::Mac | System::Windows => None,
    }
}

/// The architecture of this computer's processor, as Go names it.
#[must_use]
pub fn arch() -> &'static str {
    match env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

/// The language that the system is set to, where that is not said by the environment.
#[must_use]
pub fn locale() -> Option<String> {
    own::locale()
}

/// A text as one word of the shell that people type in.
#[must_use]
pub fn word(text: &str) -> String {
    typed::word(System::HERE, text)
}

/// What people type to set a variable of the environment.
#[must_use]
pub fn set_variable(name: &str, value: &str) -> String {
    typed::set_variable(System::HERE, name, value)
}

/// A variable of the environment, if it holds something.
fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}
