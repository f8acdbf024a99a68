//! Machines through Vagrant: it boots and destroys them, and is asked nothing else.
//!
//! Each machine is booted by a Vagrant process of its own. Vagrant takes one to two seconds to start, so a
//! healthy cluster never calls it: that a machine answers over SSH is proof enough.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{fs, io};

use super::heard::{Heard, is_locked, is_silent};
use super::{docker, libvirt, tool, virtualbox};
use crate::error::{Error, Exit, Result};
use crate::names::{ClusterName, NodeName};
use crate::platform;
use crate::spec::Provider;
use crate::t;
use crate::transport::local::{Ended, Program};
use crate::transport::{Cancel, Endpoint};

/// As long as the Vagrantfile's `boot_timeout`, and what an import of a box takes before it.
pub(super) const BOOT: Duration = Duration::from_secs(1800);
/// How long another Vagrant may hold a machine: one whose kprov was killed ends by itself.
const LOCKED: Duration = Duration::from_secs(300);

/// Vagrant in the folder of one cluster's Vagrantfile.
#[derive(Debug, Clone)]
pub struct Vagrant {
    pub(super) provider: Provider,
    pub(super) cluster: ClusterName,
    pub(super) dir: PathBuf,
    pub(super) state_id: String,
}

impl Vagrant {
    /// Vagrant with `provider` (resolved, and none that Vagrant does not make), for the Vagrantfile in `dir`.
    /// `state_id` marks what belongs to this folder.
    #[must_use]
    pub fn new(provider: Provider, cluster: &ClusterName, dir: &Path, state_id: &str) -> Self {
        Self {
            provider,
            cluster: cluster.clone(),
            dir: dir.to_owned(),
            state_id: state_id.to_owned(),
        }
    }

    /// The private key that Vagrant made for a VM.
    #[must_use]
    pub fn private_key(&self, node: &NodeName) -> PathBuf {
        self.machine(node).join("private_key")
    }

    /// Makes a machine exist and run. Returns whether it was made anew, and so has a new host key.
    ///
    /// # Errors
    /// When Vagrant fails: with its last lines.
    pub fn boot(
        &self,
        node: &NodeName,
        address: &str,
        cancel: &Cancel,
        hear: &mut dyn FnMut(Heard),
    ) -> Result<bool> {
        self.take_back(node, cancel, hear)?;
        let before = self.id(node);
        let started = Instant::now();
        let mut orphan_settled = false;
        self.switch_off_half_made(node, cancel, hear)?;
        loop {
            let up = self.vagrant()?.args([
                "up",
                node.as_str(),
                "--no-provision",
                "--provider",
                self.provider.name(),
            ]);
            let up = up.timeout(BOOT).live();
            hear(Heard::Line(&t!("provider.running", command = up.display())));
            let mut boots_since = None;
            let ended = self.run(&up, cancel, &mut |line| {
                self.interpret(node, line, &mut boots_since, hear);
            })?;
            if ended.ok() {
                return Ok(self.id(node) != before);
            }
            if cancel.is_cancelled() {
                return Err(Error::new(Exit::Interrupted, t!("engine.interrupted")));
            }
            let said = ended.last_lines.join("\n");
            if is_locked(&said) && started.elapsed() < LOCKED {
                // An earlier run was killed, and its Vagrant is still at work.
                hear(Heard::Line(&t!("provider.locked")));
                if cancel.sleep(Duration::from_secs(2)) {
                    return Err(Error::new(Exit::Interrupted, t!("engine.interrupted")));
                }
            } else if !orphan_settled
                && self.settle_orphan(node, address, &said, cancel, &mut |line| hear(Heard::Line(line)))?
            {
                orphan_settled = true;
            } else {
                let failed = self.failed(&up, &ended);
                return Err(if is_silent(&said) {
                    self.silent(node, failed)
                } else {
                    failed
                });
            }
        }
    }

    /// A machine's name with its provider.
    pub(super) fn title(&self, node: &NodeName) -> String {
        format!("{}-{node}", self.cluster)
    }

    /// Removes all machines of the cluster, whatever state they are in. Names what is gone.
    ///
    /// # Errors
    /// When Vagrant fails: with its last lines.
    pub fn destroy(&self, cancel: &Cancel, say: &mut dyn FnMut(&str)) -> Result<Vec<String>> {
        let mut gone = self.known();
        if !gone.is_empty() {
            let destroy = self.vagrant()?.args(["destroy", "--force"]).timeout(BOOT);
            say(&t!("provider.running", command = destroy.display()));
            let ended = self.run(&destroy, cancel, say)?;
            if !ended.ok() {
                return Err(self.failed(&destroy, &ended));
            }
            // It leaves those that its file has no more, which are named below as what they are to the provider.
            let left = self.known();
            gone.retain(|node| !left.contains(node));
        }
        let mut gone: Vec<String> = gone
            .into_iter()
            .map(|node| t!("provider.machine", node = node))
            .collect();
        gone.extend(self.remove_marked(None, cancel)?);
        Ok(gone)
    }

    /// Removes one machine, which the Vagrantfile may have no more. Names what is gone.
    ///
    /// # Errors
    /// When the provider fails: with its last lines.
    pub fn remove(&self, node: &NodeName, cancel: &Cancel) -> Result<Vec<String>> {
        let gone = self.remove_marked(Some(&self.title(node)), cancel)?;
        // What Vagrant noted of it, or it would look for the machine.
        let noted = self.dir.join(".vagrant").join("machines").join(node.as_str());
        match fs::remove_dir_all(&noted) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::cannot_write(&noted, &error)),
            _ => Ok(gone),
        }
    }

    /// Removes what carries the mark of this folder, or of it the machine `only`.
    fn remove_marked(&self, only: Option<&str>, cancel: &Cancel) -> Result<Vec<String>> {
        match self.provider {
            Provider::Docker => docker::remove_leftovers(&self.cluster, &self.state_id, only, cancel),
            Provider::Virtualbox => virtualbox::remove_leftovers(&self.state_id, only, cancel),
            Provider::Libvirt => libvirt::remove_leftovers(&self.cluster, &self.state_id, only, cancel),
            Provider::Auto | Provider::Ssh => Ok(Vec::new()),
        }
    }

    /// Whether there may be machines of this folder's cluster though its state directory is gone: what carries a mark.
    ///
    /// # Errors
    /// When the provider does not say.
    pub fn may_have_leftovers(&self, cancel: &Cancel) -> Result<bool> {
        match self.provider {
            Provider::Docker => Ok(true),
            Provider::Virtualbox => Ok(!virtualbox::leftovers(&self.state_id, cancel)?.is_empty()),
            Provider::Libvirt => Ok(!libvirt::leftovers(&self.state_id, cancel)?.is_empty()),
            Provider::Auto | Provider::Ssh => Ok(false),
        }
    }

    /// The machines that Vagrant has made and not removed, in the order of their names.
    #[must_use]
    pub fn known(&self) -> Vec<String> {
        let machines = self.dir.join(".vagrant").join("machines");
        let entries = fs::read_dir(&machines).into_iter().flatten().flatten();
        let mut names: Vec<String> = entries
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .filter(|node| {
                machines
                    .join(node)
                    .join(self.provider.name())
                    .join("id")
                    .is_file()
            })
            .collect();
        names.sort();
        names
    }

    /// Where Vagrant itself reaches a machine: the way in when a machine has lost its address.
    ///
    /// # Errors
    /// When Vagrant does not know the machine, or it does not run.
    pub fn endpoint(&self, node: &NodeName, cancel: &Cancel) -> Result<Endpoint> {
        let config = self
            .vagrant()?
            .args(["ssh-config", node.as_str()])
            .timeout(Duration::from_secs(60));
        let ended = self.run(&config, cancel, &mut |_| {})?;
        let value = |key: &str| {
            ended
                .stdout
                .lines()
                .find_map(|line| line.trim().strip_prefix(key)?.strip_prefix(' '))
        };
        match (
            value("HostName"),
            value("Port").and_then(|port| port.parse().ok()),
        ) {
            (Some(host), Some(port)) if ended.ok() => Ok(Endpoint {
                host: host.to_owned(),
                port,
            }),
            _ => Err(self.failed(&config, &ended)),
        }
    }

    pub(super) fn vagrant(&self) -> Result<Program> {
        program(&self.dir)
    }

    pub(super) fn machine(&self, node: &NodeName) -> PathBuf {
        self.dir
            .join(".vagrant")
            .join("machines")
            .join(node.as_str())
            .join(self.provider.name())
    }

    pub(super) fn id(&self, node: &NodeName) -> Option<String> {
        fs::read_to_string(self.machine(node).join("id")).ok()
    }

    pub(super) fn failed(&self, program: &Program, ended: &Ended) -> Error {
        tool::failed(program, ended).hint(t!("provider.vagrant-failed-hint", dir = self.dir.display()))
    }
}

/// Vagrant in a folder.
pub(super) fn program(dir: &Path) -> Result<Program> {
    let path = platform::program(&["vagrant"])
        .ok_or_else(|| Error::host(t!("provider.no-vagrant")).hint(t!("provider.no-vagrant-hint")))?;
    let program = match platform::vagrant_home() {
        Some(home) => {
            crate::workdir::private_dir(&home).map_err(|error| Error::cannot_write(&home, &error))?;
            Program::new(path).env("VAGRANT_HOME", home)
        }
        None => Program::new(path),
    };
    // Ruby takes paths for ASCII where the user's locale is not installed, and fails on a folder with a Korean name.
    let program = match platform::System::HERE {
        platform::System::Linux => program.env("LC_ALL", "C.UTF-8"),
        platform::System::Mac | platform::System::Windows => program,
    };
    Ok(program
        .dir(dir)
        .env("VAGRANT_CWD", dir)
        // Neither its own new versions nor those of boxes are looked for, and it draws nothing.
        .env("VAGRANT_CHECKPOINT_DISABLE", "1")
        .env("VAGRANT_BOX_UPDATE_CHECK_DISABLE", "1")
        .env("VAGRANT_NO_COLOR", "1")
        .env("KPROV_BOOT", "1"))
}
