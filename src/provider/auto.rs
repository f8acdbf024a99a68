//! `provider = "auto"`: the first of virtualbox, libvirt and docker that works on this computer.

use std::time::Duration;

use crate::error::{Error, Result};
use crate::platform;
use crate::spec::Provider;
use crate::t;
use crate::transport::Cancel;
use crate::transport::local::Program;

/// A provider that was settled on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// The provider; never `Auto`.
    pub provider: Provider,
    /// Whether it was found out now, which is worth saying.
    pub found: bool,
}

/// Settles on a provider: the one that the config names, else the one that was found for this cluster before,
/// else the first that works.
///
/// # Errors
/// When none works: with what was seen of each.
pub fn resolve(wanted: Provider, before: Option<&str>, cancel: &Cancel) -> Result<Choice> {
    if wanted != Provider::Auto {
        return Ok(Choice {
            provider: wanted,
            found: false,
        });
    }
    let candidates = [Provider::Virtualbox, Provider::Libvirt, Provider::Docker];
    if let Some(provider) = candidates
        .into_iter()
        .find(|provider| before == Some(provider.name()))
    {
        return Ok(Choice {
            provider,
            found: false,
        });
    }
    let vagrant = platform::program(&["vagrant"]).is_some();
    let mut seen = Vec::new();
    for provider in candidates {
        match works(provider, cancel) {
            Ok(()) if vagrant => {
                return Ok(Choice {
                    provider,
                    found: true,
                });
            }
            Ok(()) => seen.push(format!("{}: {}", provider.name(), t!("provider.no-vagrant"))),
            Err(reason) => seen.push(format!("{}: {reason}", provider.name())),
        }
    }
    Err(Error::host(t!("provider.none-works"))
        .reasons(seen)
        .hint(t!("provider.none-works-hint")))
}

/// What lets Vagrant make machines of libvirt.
const PLUGIN: &str = "vagrant-libvirt";

fn works(provider: Provider, cancel: &Cancel) -> Result<(), String> {
    match provider {
        Provider::Virtualbox => {
            let said = answer(
                &program(&["VBoxManage", "vboxmanage"])?.args(["--version"]),
                cancel,
            )?;
            // Without its kernel driver it warns on standard output, before the version, and exits with 0.
            if said.contains("WARNING") {
                Err(t!("provider.virtualbox-no-driver"))
            } else {
                Ok(())
            }
        }
        Provider::Libvirt => {
            let list = program(&["virsh"])?.args(["--connect", "qemu:///system", "list"]);
            answer(&list, cancel)?;
            let vagrant = program(&["vagrant"])?;
            // To start Vagrant takes a second or two.
            let files = platform::vagrant_plugin_files(PLUGIN, &|name| std::env::var(name).ok());
            let mut named = files.iter().filter_map(|file| std::fs::read_to_string(file).ok());
            let named = named.any(|text| text.contains(&format!("\"{PLUGIN}\"")));
            if named || answer(&vagrant.args(["plugin", "list"]), cancel)?.contains(PLUGIN) {
                Ok(())
            } else {
                Err(t!("provider.libvirt-no-plugin"))
            }
        }
        Provider::Docker => {
            let version = program(&["docker"])?.args(["version", "--format", "{{.Server.Version}}"]);
            answer(&version, cancel).map(drop)
        }
        Provider::Auto | Provider::Ssh => Ok(()),
    }
}

fn program(names: &[&str]) -> Result<Program, String> {
    platform::program(names)
        .map(|path| {
            Program::new(path)
                .env("LC_ALL", "C")
                .timeout(Duration::from_secs(20))
        })
        .ok_or_else(|| t!("provider.not-installed", program = names[0]))
}

fn answer(program: &Program, cancel: &Cancel) -> Result<String, String> {
    let ended = program
        .run(cancel, &mut |_| {})
        .map_err(|error| error.to_string())?;
    if ended.ok() {
        Ok(ended.stdout)
    } else {
        let last = ended.last_lines.iter().rev().find(|line| !line.trim().is_empty());
        Err(last.map_or_else(
            || t!("provider.failed", command = program.display()),
            |line| line.trim().to_owned(),
        ))
    }
}
