//! Machines through Vagrant: it boots and destroys them, and is asked nothing else.
//!
//! Each machine is booted by a Vagrant process of its own. Vagrant takes one to two seconds to start, so a
//! healthy cluster never calls it: that a machine answers over SSH is proof enough.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::auto::name;
use super::docker::{self, Found};
use super::virtualbox;
use crate::error::{Error, Exit, Result};
use crate::names::{ClusterName, NodeName};
use crate::spec::Provider;
use crate::t;
use crate::transport::local::{Ended, Program};
use crate::transport::{Cancel, Endpoint};

/// As long as the Vagrantfile's `boot_timeout`, and what an import of a box takes before it.
const BOOT: Duration = Duration::from_secs(1800);
/// How long another Vagrant may hold a machine: one whose kprov was killed ends by itself.
const LOCKED: Duration = Duration::from_secs(300);

/// How long a machine that boots may be silent until its console is worth a look.
const SILENT: Duration = Duration::from_secs(90);

/// What a machine's boot says of itself.
#[derive(Debug)]
pub enum Heard<'a> {
    /// A line that Vagrant wrote.
    Line(&'a str),
    /// How far a download, an import or a clone is.
    Percent(u64),
    /// What all machines share is made: the image that they are clones of, and the network.
    SharedIsMade,
    /// The machine boots, but does not answer; with what can be done to look at it.
    TakesLong(String),
}

/// Vagrant in the folder of one cluster's Vagrantfile.
#[derive(Debug, Clone)]
pub struct Vagrant {
    provider: Provider,
    cluster: ClusterName,
    dir: PathBuf,
    state_id: String,
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
        self.take_back_vm(node, cancel, hear)?;
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
                name(self.provider),
            ]);
            let up = up.timeout(BOOT).live();
            hear(Heard::Line(&t!("provider.running", command = up.display())));
            let mut boots_since = None;
            let ended = run(&up, cancel, &mut |line| {
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
                return Err(
                    if said.contains("Timed out while waiting for the machine to boot") {
                        self.silent(node, failed)
                    } else {
                        failed
                    },
                );
            }
        }
    }

    /// A VM whose first boot was interrupted may run without the key that Vagrant makes for it, and Vagrant makes one
    /// only while it boots: such a machine is switched off first.
    fn switch_off_half_made(
        &self,
        node: &NodeName,
        cancel: &Cancel,
        hear: &mut dyn FnMut(Heard),
    ) -> Result<()> {
        let has_key = self.provider == Provider::Docker || self.private_key(node).is_file();
        if self.id(node).is_none() || has_key {
            return Ok(());
        }
        let halt = self
            .vagrant()?
            .args(["halt", "--force", node.as_str()])
            .timeout(BOOT);
        hear(Heard::Line(&t!("provider.running", command = halt.display())));
        // One that is gone or off already is as well; what is wrong otherwise, the boot finds out and says.
        run(&halt, cancel, &mut |line| hear(Heard::Line(line))).map(drop)
    }

    /// Tells what a line of `vagrant up` means. `boots_since`: when the machine was switched on.
    fn interpret(
        &self,
        node: &NodeName,
        line: &str,
        boots_since: &mut Option<Instant>,
        hear: &mut dyn FnMut(Heard),
    ) {
        if let Some(percent) = percent(line) {
            return hear(Heard::Percent(percent));
        }
        let line = line.trim_start_matches("\u{1b}[K").trim_end();
        if line.is_empty() {
            return;
        }
        hear(Heard::Line(line));
        if self.provider != Provider::Virtualbox {
            return;
        }
        if line.ends_with("Booting VM...") {
            *boots_since = Some(Instant::now());
            hear(Heard::SharedIsMade);
        } else if boots_since.is_some_and(|since| since.elapsed() > SILENT) {
            *boots_since = None;
            hear(Heard::TakesLong(t!(
                "virtualbox.takes-long",
                seconds = SILENT.as_secs(),
                command = virtualbox::screenshot(&self.title(node))
            )));
        }
    }

    /// The failure of a machine that was switched on and never answered.
    fn silent(&self, node: &NodeName, failed: Error) -> Error {
        let error = Error::step(t!("provider.silent", node = node)).evidence(failed.evidence);
        if self.provider != Provider::Virtualbox {
            return error.hint(t!("provider.silent-hint"));
        }
        let title = self.title(node);
        error
            .hint(t!("virtualbox.silent-hint", command = virtualbox::window(&title)))
            .hint(t!(
                "virtualbox.screenshot-hint",
                command = virtualbox::screenshot(&title)
            ))
    }

    /// A machine's name with its provider.
    fn title(&self, node: &NodeName) -> String {
        format!("{}-{node}", self.cluster)
    }

    /// Removes all machines of the cluster, whatever state they are in. Names what is gone.
    ///
    /// # Errors
    /// When Vagrant fails: with its last lines.
    pub fn destroy(&self, cancel: &Cancel, say: &mut dyn FnMut(&str)) -> Result<Vec<String>> {
        let machines = self.dir.join(".vagrant").join("machines");
        let mut gone: Vec<String> = fs::read_dir(&machines)
            .map(|entries| {
                entries
                    .flatten()
                    .map(|entry| entry.file_name().to_string_lossy().into_owned())
                    .collect()
            })
            .unwrap_or_default();
        gone.retain(|node| machines.join(node).join(name(self.provider)).join("id").is_file());
        gone.sort();
        if !gone.is_empty() {
            let destroy = self.vagrant()?.args(["destroy", "--force"]).timeout(BOOT);
            say(&t!("provider.running", command = destroy.display()));
            let ended = run(&destroy, cancel, say)?;
            if !ended.ok() {
                return Err(self.failed(&destroy, &ended));
            }
        }
        let mut gone: Vec<String> = gone
            .into_iter()
            .map(|node| t!("provider.machine", node = node))
            .collect();
        gone.extend(match self.provider {
            Provider::Docker => docker::remove_leftovers(&self.cluster, &self.state_id, cancel)?,
            Provider::Virtualbox => virtualbox::remove_leftovers(&self.state_id, cancel)?,
            _ => Vec::new(),
        });
        Ok(gone)
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
        let ended = run(&config, cancel, &mut |_| {})?;
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

    /// A machine that exists though Vagrant does not know it here: the state directory was lost, or an earlier
    /// Vagrant was killed between making the machine and noting that. A whole one is taken back, half a one is
    /// removed; one that does not carry this folder's mark is left alone. Returns whether to try again.
    fn settle_orphan(
        &self,
        node: &NodeName,
        address: &str,
        said: &str,
        cancel: &Cancel,
        say: &mut dyn FnMut(&str),
    ) -> Result<bool> {
        let name = self.title(node);
        match self.provider {
            Provider::Docker if said.contains("is already in use by container") => {
                self.settle_container(node, &name, address, cancel, say)
            }
            Provider::Virtualbox
                if said.contains("A VirtualBox machine with the name") && said.contains("already exists") =>
            {
                Err(self.refuse_vm(&name, cancel))
            }
            _ => Ok(false),
        }
    }

    fn settle_container(
        &self,
        node: &NodeName,
        name: &str,
        address: &str,
        cancel: &Cancel,
        say: &mut dyn FnMut(&str),
    ) -> Result<bool> {
        match docker::find(name, &self.state_id, cancel)? {
            Found::Foreign => Err(Error::step(t!("provider.foreign-container", name = name))
                .hint(t!("provider.foreign-container-hint", name = name))),
            Found::Ours { id, addresses } if addresses.iter().any(|own| own == address) => {
                docker::authorize(&id, self.public_key().trim(), cancel)?;
                self.adopt(node, &id)?;
                say(&t!("provider.orphan-adopted", name = name));
                Ok(true)
            }
            Found::Ours { .. } => {
                docker::remove_container(name, &self.state_id, cancel)?;
                say(&t!("provider.orphan-removed", name = name));
                Ok(true)
            }
        }
    }

    /// A VM of this name whose key is not here: nobody can log in to it.
    fn refuse_vm(&self, name: &str, cancel: &Cancel) -> Error {
        match virtualbox::find(name, &self.state_id, cancel) {
            Ok(None) => Error::step(t!("virtualbox.foreign", name = name))
                .hint(t!("virtualbox.foreign-hint", name = name)),
            Ok(Some(_)) => {
                Error::step(t!("virtualbox.keyless", name = name)).hint(t!("virtualbox.keyless-hint"))
            }
            Err(error) => error,
        }
    }

    /// Takes a VM back that carries this folder's mark and whose key is here, though Vagrant lost sight of it. It has
    /// to be done before Vagrant is asked: that would remove the key with the machine which it tries to make instead.
    fn take_back_vm(&self, node: &NodeName, cancel: &Cancel, hear: &mut dyn FnMut(Heard)) -> Result<()> {
        let lost = self.provider == Provider::Virtualbox && self.id(node).is_none();
        if !lost || !self.private_key(node).is_file() {
            return Ok(());
        }
        let name = self.title(node);
        if let Some(id) = virtualbox::find(&name, &self.state_id, cancel)? {
            self.adopt(node, &id)?;
            hear(Heard::Line(&t!("virtualbox.orphan-adopted", name = name)));
        }
        Ok(())
    }

    /// Lets Vagrant know a machine.
    fn adopt(&self, node: &NodeName, id: &str) -> Result<()> {
        crate::workdir::write_private(&self.machine(node).join("id"), id.as_bytes())
            .map_err(|error| Error::host(t!("cli.cannot-write", path = self.dir.display())).cause(&error))
    }

    /// The key that may log in to container nodes, beside the folder of the Vagrantfile.
    fn public_key(&self) -> String {
        fs::read_to_string(self.dir.join("..").join("id_ed25519.pub")).unwrap_or_default()
    }

    fn vagrant(&self) -> Result<Program> {
        let path = which::which("vagrant")
            .map_err(|_| Error::host(t!("provider.no-vagrant")).hint(t!("provider.no-vagrant-hint")))?;
        Ok(Program::new(path)
            .dir(&self.dir)
            .env("VAGRANT_CWD", &self.dir)
            // Neither its own new versions nor those of boxes are looked for, and it draws nothing.
            .env("VAGRANT_CHECKPOINT_DISABLE", "1")
            .env("VAGRANT_BOX_UPDATE_CHECK_DISABLE", "1")
            .env("VAGRANT_NO_COLOR", "1")
            .env("KPROV_BOOT", "1"))
    }

    fn machine(&self, node: &NodeName) -> PathBuf {
        self.dir
            .join(".vagrant")
            .join("machines")
            .join(node.as_str())
            .join(name(self.provider))
    }

    fn id(&self, node: &NodeName) -> Option<String> {
        fs::read_to_string(self.machine(node).join("id")).ok()
    }

    fn failed(&self, program: &Program, ended: &Ended) -> Error {
        let command = program.display();
        let message = if ended.timed_out {
            t!(
                "provider.timed-out",
                command = command,
                minutes = BOOT.as_secs() / 60
            )
        } else {
            let status = ended
                .status
                .map_or_else(|| "signal".to_owned(), |status| status.to_string());
            t!("provider.vagrant-failed", command = command, status = status)
        };
        Error::step(message)
            .evidence(
                ended
                    .last_lines
                    .iter()
                    .filter(|line| !line.trim().is_empty())
                    .cloned(),
            )
            .hint(t!("provider.vagrant-failed-hint", dir = self.dir.display()))
    }
}

fn run(program: &Program, cancel: &Cancel, say: &mut dyn FnMut(&str)) -> Result<Ended> {
    program
        .run(cancel, say)
        .map_err(|error| Error::host(t!("provider.not-started", command = program.display())).cause(&error))
}

/// The percentage that Vagrant draws over and over: `==> m-k8s: Progress: 20%`, with a rate behind it for downloads.
fn percent(line: &str) -> Option<u64> {
    let (_, progress) = line.split_once("Progress: ")?;
    progress
        .split_once('%')?
        .0
        .parse()
        .ok()
        .filter(|percent| *percent <= 100)
}

/// Whether Vagrant says that another Vagrant works on the machine or on its folder.
fn is_locked(said: &str) -> bool {
    said.contains("because it is locked")
        || said.contains("is already executing")
        || said.contains("is locked by another")
}
