//! The real world behind the engine: SSH, Vagrant, docker and this computer's files.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use super::boxes::Boxes;
use super::foreign::Foreign;
use super::lab::Lab;
use super::power;
use crate::doctor::{self, ThisHost};
use crate::engine::{BootHearer, FactSource, Unreachable, World};
use crate::error::{Error, Result};
use crate::names::NodeName;
use crate::plan::Workstation;
use crate::provider::{Heard, Vagrant};
use crate::spec::{Node, Provider};
use crate::t;
use crate::transport::{self, Cancel, ConnectError, Endpoint, Hearer, KnownHosts, Payload, Transport};

mod access;
mod workstation;

pub(super) use access::{access, vagrant, without_server};

/// Until a host that does not answer counts as silent. On the same network an answer takes milliseconds.
const DIAL: Duration = Duration::from_secs(3);

/// The hosts and files of one lab.
pub(super) struct Real<'a> {
    lab: &'a Lab,
    cancel: Cancel,
    known_hosts: KnownHosts,
    logs: Option<PathBuf>,
    boxes: Boxes,
    /// How many machines boot at once, once that was found out.
    places: OnceLock<usize>,
}

impl<'a> Real<'a> {
    pub(super) fn new(lab: &'a Lab, cancel: &Cancel, logs: Option<PathBuf>) -> Result<Self> {
        let file = lab.workdir.path("known_hosts");
        let known_hosts = KnownHosts::open(&file).map_err(|error| Error::cannot_read(&file, &error))?;
        Ok(Self {
            lab,
            cancel: cancel.clone(),
            known_hosts,
            logs,
            boxes: Boxes::default(),
            places: OnceLock::new(),
        })
    }

    /// Vagrant for this lab's machines; `None` for hosts that exist already.
    pub(super) fn vagrant(&self) -> Option<Vagrant> {
        (self.lab.provider != Provider::Ssh).then(|| vagrant(self.lab))
    }

    fn node(&self, name: &NodeName) -> &Node {
        self.lab
            .spec
            .node(name.as_str())
            .unwrap_or_else(|| self.lab.spec.first_control_plane())
    }

    fn dial(
        &self,
        endpoint: &Endpoint,
        node: &Node,
        cancel: &Cancel,
    ) -> Result<Box<dyn Transport>, Unreachable> {
        let (_, credentials) = access(self.lab, node);
        let known_hosts = &self.known_hosts;
        transport::connect(endpoint, &credentials, known_hosts, DIAL, cancel).map_err(|error| match error {
            ConnectError::NoAnswer(why) | ConnectError::Refused(why) => Unreachable::NotYet(why),
            ConnectError::NothingListens(_) => Unreachable::NothingListens {
                reason: error.to_string(),
                hints: without_server(self.lab, node),
            },
            ConnectError::Cancelled => Unreachable::NotYet(error.to_string()),
            ConnectError::HostKeyChanged { .. } => Unreachable::Never {
                message: error.to_string(),
                hint: t!(
                    "cli.host-key-changed-hint",
                    file = known_hosts.file().display(),
                    host = endpoint.host
                ),
            },
        })
    }

    /// How many machines this computer has processors and free memory for to boot beside each other.
    fn room_for_boots(&self) -> usize {
        let host = ThisHost {
            cancel: &self.cancel,
            folder: self.lab.workdir.root(),
        };
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let largest = self.lab.spec.nodes.iter().map(|node| node.memory_mib).max();
        parallel_boots(cores, doctor::available_memory(&host), largest.unwrap_or(1))
    }

    /// Makes the machine of a node exist and run, unless somebody wants to stop.
    fn boot_unless(&self, cancel: &Cancel, node: &NodeName, hearer: &mut dyn BootHearer) -> Result<()> {
        let (endpoint, credentials) = access(self.lab, self.node(node));
        let Some(vagrant) = self.vagrant() else {
            let why = self.connect(node, cancel).err();
            let reason = why.as_ref().map_or("", Unreachable::reason);
            let message = t!(
                "provider.ssh-does-not-boot",
                node = node,
                endpoint = endpoint,
                reason = reason
            );
            let hints = match why {
                Some(Unreachable::NothingListens { hints, .. }) => hints,
                _ => vec![t!(
                    "provider.ssh-does-not-boot-hint",
                    user = credentials.user,
                    host = endpoint.host
                )],
            };
            return Err(hints.into_iter().fold(Error::step(message), Error::hint));
        };
        let address = self.node(node).address.to_string();
        let made_anew = loop {
            let number = self.boxes.number(self.lab);
            let mut hear = |heard: Heard| match heard {
                Heard::Line(line) => hearer.line(line),
                Heard::Percent(percent) => hearer.progress(percent, 100),
                Heard::SharedIsMade => hearer.shared_is_made(),
                Heard::TakesLong(hint) => hearer.advice(&hint),
            };
            match vagrant.boot(node, &address, cancel, &mut hear) {
                Ok(made_anew) => break made_anew,
                Err(error) if cancel.is_cancelled() => return Err(error),
                Err(error) => hearer.waiting(&self.boxes.next(self.lab, number, error)?),
            }
        };
        if made_anew {
            // A machine made anew has a new host key, and it was made by us.
            self.known_hosts
                .forget(&endpoint.host, endpoint.port)
                .map_err(|error| Error::cannot_write(self.known_hosts.file(), &error))?;
        }
        power::forget(&self.lab.workdir, node)
    }
}

impl World for Real<'_> {
    fn connect(&self, node: &NodeName, cancel: &Cancel) -> Result<Box<dyn Transport>, Unreachable> {
        if let Some(Foreign { shell, .. }) = &self.lab.foreign {
            return Ok(Box::new(shell.clone()));
        }
        let node = self.node(node);
        let (endpoint, _) = access(self.lab, node);
        self.dial(&endpoint, node, cancel)
    }

    fn connect_otherwise(&self, node: &NodeName, cancel: &Cancel) -> Result<Box<dyn Transport>, Unreachable> {
        let Some(vagrant) = self.vagrant() else {
            return self.connect(node, cancel);
        };
        let endpoint = vagrant
            .endpoint(node, cancel)
            .map_err(|error| Unreachable::NotYet(error.message))?;
        self.dial(&endpoint, self.node(node), cancel)
    }

    fn boot(&self, node: &NodeName, hearer: &mut dyn BootHearer) -> Result<()> {
        self.boot_unless(&self.cancel, node, hearer)
    }

    fn boot_parallelism(&self) -> usize {
        let wanted = self
            .lab
            .spec
            .boot_parallelism
            .and_then(|number| usize::try_from(number).ok());
        match self.lab.provider {
            // Vagrant's docker provider mixes up containers that are made at the same time.
            Provider::Docker => 1,
            Provider::Ssh => usize::MAX,
            // Asked once: each machine that boots takes of the memory, and on Windows an answer takes a second.
            _ => wanted.unwrap_or_else(|| *self.places.get_or_init(|| self.room_for_boots())),
        }
    }

    fn first_boots_alone(&self) -> bool {
        // VirtualBox imports the box into a master of which all are linked clones; libvirt uploads it into its
        // pool, and two Vagrants that do so at once leave a machine on half an image.
        matches!(self.lab.provider, Provider::Virtualbox | Provider::Libvirt)
    }

    fn workstation_check(&self, work: &Workstation, fact: &FactSource) -> Result<String, String> {
        self.check(work, fact)
    }

    fn workstation_apply(
        &self,
        work: &Workstation,
        fact: &FactSource,
        hearer: &mut dyn Hearer,
    ) -> Result<()> {
        self.apply(work, fact, hearer)
    }

    fn payload(&self, path: &str) -> Result<Payload> {
        let lab = self.lab;
        let stop = || self.cancel.is_cancelled();
        if let Some(image) = lab.needs.images.iter().find(|image| image.key() == path) {
            let archive = lab.store.archive(image, &stop)?;
            return Ok(Payload {
                size: archive.size(),
                reader: Box::new(archive),
            });
        }
        let released = lab.needs.files.iter().find(|artifact| artifact.key() == path);
        let file = match (released, &lab.pack) {
            (Some(artifact), _) => lab.store.file(artifact, &stop)?,
            (None, Some(pack)) => pack.file(path, &stop)?,
            (None, None) => return Err(Error::host(t!("cli.no-pack", path = path))),
        };
        let open = || Ok((std::fs::File::open(&file)?, std::fs::metadata(&file)?.len()));
        let (reader, size) = open().map_err(|error: std::io::Error| Error::cannot_read(&file, &error))?;
        Ok(Payload {
            reader: Box::new(reader),
            size,
        })
    }

    fn log_of(&self, lane: &str) -> Option<PathBuf> {
        self.logs
            .as_ref()
            .map(|dir| crate::ui::log_path(dir, &lane.into()))
    }
}

/// How many VMs boot at once where the config does not say: one for two cores, and no more than have room in memory
/// beside each other while the system that they run on is busiest.
fn parallel_boots(cores: usize, available_mib: Option<u64>, largest_mib: u32) -> usize {
    let by_memory = available_mib
        .and_then(|available| usize::try_from(available / u64::from(largest_mib.max(1))).ok())
        .unwrap_or(usize::MAX);
    cores.div_ceil(2).min(by_memory).max(1)
}

#[cfg(test)]
mod tests {
    use super::parallel_boots;

    #[test]
    fn cores_and_memory_bound_the_boots_at_once() {
        assert_eq!(parallel_boots(8, Some(16384), 2048), 4);
        assert_eq!(parallel_boots(8, Some(4096), 2048), 2);
        assert_eq!(parallel_boots(8, Some(1000), 2048), 1);
        assert_eq!(parallel_boots(1, None, 2048), 1);
    }
}
