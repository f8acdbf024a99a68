//! The real world behind the engine: SSH, Vagrant, docker and this computer's files.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::boxes::{self, Boxes};
use super::foreign::Foreign;
use super::lab::Lab;
use super::{clocks, pack_lacks, power};
use crate::artifact::Watch;
use crate::doctor::{self, ThisHost};
use crate::engine::{BootHearer, FactSource, Unreachable, World};
use crate::error::{Error, Result};
use crate::names::NodeName;
use crate::plan::Workstation;
use crate::provider::{self, Heard, Vagrant};
use crate::spec::{Node, Provider};
use crate::t;
use crate::transport::{
    self, Cancel, ConnectError, Credentials, Endpoint, Hearer, KnownHosts, Payload, Transport, http,
};

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
        let known_hosts = KnownHosts::open(&file)
            .map_err(|error| Error::host(t!("cli.cannot-read", path = file.display())).cause(&error))?;
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

    fn dial(&self, endpoint: &Endpoint, node: &Node) -> Result<Box<dyn Transport>, Unreachable> {
        let (_, credentials) = access(self.lab, node);
        transport::connect(endpoint, &credentials, &self.known_hosts, DIAL).map_err(|error| match error {
            ConnectError::NoAnswer(why) | ConnectError::Refused(why) => Unreachable::NotYet(why),
            ConnectError::HostKeyChanged { .. } => Unreachable::Never {
                message: error.to_string(),
                hint: t!(
                    "cli.host-key-changed-hint",
                    file = self.known_hosts.file().display(),
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
            let reason = self
                .connect(node)
                .err()
                .map_or_else(String::new, |why| why.to_string());
            let message = t!(
                "provider.ssh-does-not-boot",
                node = node,
                endpoint = endpoint,
                reason = reason
            );
            let hint = t!(
                "provider.ssh-does-not-boot-hint",
                user = credentials.user,
                host = endpoint.host
            );
            return Err(Error::step(message).hint(hint));
        };
        let address = self.node(node).address.to_string();
        let made_anew = loop {
            let number = self.boxes.number(self.lab);
            let mut hear = |heard: Heard| match heard {
                Heard::Line(line) => hearer.line(line),
                Heard::Percent(percent) => hearer.progress(percent, 100),
                Heard::SharedIsMade => hearer.shared_is_made(),
                Heard::TakesLong(hint) => hearer.waiting(&hint),
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
                .map_err(|error| {
                    Error::host(t!("cli.cannot-write", path = self.known_hosts.file().display()))
                        .cause(&error)
                })?;
        }
        power::forget(&self.lab.workdir, node)
    }
}

/// Vagrant in the lab's folder.
pub(super) fn vagrant(lab: &Lab) -> Vagrant {
    Vagrant::new(
        lab.provider,
        &lab.spec.name,
        &lab.workdir.path("vagrant"),
        &lab.state_id(),
    )
}

/// Where and as whom a node is logged in to.
pub(super) fn access(lab: &Lab, node: &Node) -> (Endpoint, Credentials) {
    let at_its_address = Endpoint {
        host: node.address.to_string(),
        port: 22,
    };
    let vagrant_user = |key| Credentials {
        user: "vagrant".to_owned(),
        keys: vec![key],
        agent: false,
    };
    match (&node.host, lab.provider) {
        (Some(host), Provider::Ssh) => {
            let home = std::env::home_dir().unwrap_or_default().join(".ssh");
            let usual = ["id_ed25519", "id_ecdsa", "id_rsa"].map(|name| home.join(name));
            let keys = host
                .identity
                .clone()
                .map_or_else(|| usual.to_vec(), |key| vec![key]);
            let endpoint = Endpoint {
                host: host.host.clone(),
                port: host.port,
            };
            (
                endpoint,
                Credentials {
                    user: host.user.clone(),
                    keys,
                    agent: host.identity.is_none(),
                },
            )
        }
        (_, Provider::Docker) => (at_its_address, vagrant_user(lab.workdir.path("id_ed25519"))),
        _ => (at_its_address, vagrant_user(vagrant(lab).private_key(&node.name))),
    }
}

/// Hears a machine boot for somebody who boots one only.
struct Deaf<'a>(&'a mut dyn Hearer);

impl Hearer for Deaf<'_> {
    fn line(&mut self, line: &str) {
        self.0.line(line);
    }

    fn progress(&mut self, done: u64, total: u64) {
        self.0.progress(done, total);
    }
}

impl BootHearer for Deaf<'_> {
    fn shared_is_made(&mut self) {}

    fn waiting(&mut self, reason: &str) {
        self.0.line(reason);
    }
}

/// Whether a page comes, and holds what it should.
fn page(url: &str, expect: &str) -> Result<(), String> {
    match http::get(url, Duration::from_secs(3)) {
        Ok(page) if page.contains(expect) => Ok(()),
        Ok(_) => Err(t!("cli.other-page", url = url, expect = expect)),
        Err(why) => Err(t!("cli.no-page", url = url, reason = why)),
    }
}

impl World for Real<'_> {
    fn connect(&self, node: &NodeName) -> Result<Box<dyn Transport>, Unreachable> {
        if let Some(Foreign { shell, .. }) = &self.lab.foreign {
            return Ok(Box::new(shell.clone()));
        }
        let node = self.node(node);
        let (endpoint, _) = access(self.lab, node);
        self.dial(&endpoint, node)
    }

    fn connect_otherwise(&self, node: &NodeName) -> Result<Box<dyn Transport>, Unreachable> {
        let Some(vagrant) = self.vagrant() else {
            return self.connect(node);
        };
        let endpoint = vagrant
            .endpoint(node, &self.cancel)
            .map_err(|error| Unreachable::NotYet(error.message))?;
        self.dial(&endpoint, self.node(node))
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
        match work {
            Workstation::NodeImage => {
                let image = self.lab.node_image();
                match provider::has_node_image(&image, &self.cancel) {
                    Ok(true) => Ok(image),
                    Ok(false) => Err(t!("cli.no-node-image", image = image)),
                    Err(error) => Err(error.message),
                }
            }
            Workstation::MachineBox => match self.lab.packed_box() {
                Some((own, _)) if boxes::is_in_vagrant(own, self.lab.provider) => Ok(boxes::shown(own)),
                Some((own, _)) => Err(t!("boxes.not-in-vagrant", name = boxes::shown(own))),
                None => Err(t!("cli.no-pack", path = "box")),
            },
            Workstation::Downloads => {
                let (store, needs, served) = (&self.lab.store, &self.lab.needs, self.lab.served());
                let mut absent = store.lacks(needs);
                if let Some(pack) = &self.lab.pack {
                    let lacks = pack.lacks(&served);
                    absent.extend(lacks.into_iter().map(|entry| entry.name.clone()));
                }
                if !absent.is_empty() {
                    return Err(t!("artifact.absent", names = absent.join(", ")));
                }
                let path = crate::artifact::cache_dir();
                Ok(t!(
                    "artifact.present",
                    number = needs.files.len() + needs.images.len() + served.len(),
                    path = path.display()
                ))
            }
            Workstation::Kubeconfig { sum, .. } => {
                let wanted = fact(sum).ok_or_else(|| t!("cli.no-admin-conf"))?;
                let path = self.lab.workdir.path(super::kubeconfig::FILE);
                match super::kubeconfig::source_sum(&self.lab.workdir) {
                    Some(sum) if sum == wanted => Ok(path.display().to_string()),
                    Some(_) => Err(t!("cli.kubeconfig-old", path = path.display())),
                    None => Err(t!("cli.kubeconfig-missing", path = path.display())),
                }
            }
            Workstation::Power { node, on } => match (self.connect(node), on) {
                // Its Vagrant may still be at work, of a kprov that was killed: another Vagrant waits for that one.
                (Ok(_), true) if power::is_noted(&self.lab.workdir, node) => {
                    Err(t!("power.may-be-stopping", node = node))
                }
                (Ok(_), true) => Ok(t!("power.answers", node = node)),
                (Ok(_), false) => Err(t!("power.answers", node = node)),
                (Err(why), true) => Err(t!("power.silent-because", node = node, reason = why)),
                (Err(_), false) => Ok(t!("power.silent", node = node)),
            },
            Workstation::Clocks { nodes } => clocks::compare(nodes, |node| self.connect(node), &self.cancel),
            Workstation::Request { url, status, expect } => {
                let (found, page) = http::ask(url, Duration::from_secs(5))
                    .map_err(|why| t!("cli.no-page", url = url, reason = why))?;
                if found != *status {
                    return Err(t!(
                        "labs.request-status",
                        url = url,
                        found = found,
                        wanted = status
                    ));
                }
                match expect {
                    Some(expect) if !page.contains(expect.as_str()) => {
                        Err(t!("labs.request-words", url = url, expect = expect))
                    }
                    _ => Ok(t!("labs.request-ok", url = url, status = found)),
                }
            }
            Workstation::HttpGet { hosts, port, expect } => {
                let port = fact(port).ok_or_else(|| t!("cli.no-port"))?;
                for host in hosts {
                    page(&format!("http://{host}:{port}/"), expect)?;
                }
                Ok(t!("cli.pages", hosts = hosts.join(", "), port = port))
            }
            Workstation::HttpGetAt { address, expect } => {
                let address = fact(address).ok_or_else(|| t!("cli.no-address"))?;
                page(&format!("http://{address}/"), expect)?;
                Ok(t!("cli.pages", hosts = address, port = 80))
            }
        }
    }

    fn workstation_apply(
        &self,
        work: &Workstation,
        fact: &FactSource,
        hearer: &mut dyn Hearer,
    ) -> Result<()> {
        match work {
            Workstation::Downloads => {
                let watch = &mut Watch {
                    stop: &|| self.cancel.is_cancelled(),
                    progress: &mut |done, total| hearer.progress(done, total),
                };
                match &self.lab.pack {
                    Some(pack) => pack.fetch(&self.lab.served(), watch),
                    None => self.lab.store.fetch(&self.lab.needs, watch),
                }
            }
            Workstation::MachineBox => {
                let (Some(pack), Some((own, entry))) = (&self.lab.pack, self.lab.packed_box()) else {
                    return Ok(());
                };
                let say = &mut |line: &str| hearer.line(line);
                provider::add_box(
                    own,
                    self.lab.provider,
                    &pack.file(&entry.path)?,
                    &self.cancel,
                    say,
                )
            }
            Workstation::NodeImage => {
                let lab = self.lab;
                let archive = match (&lab.pack, lab.packed_node_image()) {
                    (Some(pack), Some(entry)) => Some(pack.file(&entry.path)?),
                    _ => None,
                };
                if let (Some(pack), None) = (&lab.pack, &archive) {
                    return Err(pack_lacks::no_node_image(pack, &lab.node_image()));
                }
                let docker = &lab.spec.docker;
                let build = provider::ImageSource {
                    archive: archive.as_deref(),
                    base: &docker.base_image,
                    mirror: Some(docker.debian_mirror.as_str())
                        .filter(|mirror| *mirror != provider::DEBIAN_MIRROR),
                };
                let say = &mut |line: &str| hearer.line(line);
                provider::ensure_node_image(&lab.node_image(), &build, &self.cancel, say)
            }
            Workstation::Kubeconfig { content, .. } => {
                let text = fact(content).ok_or_else(|| Error::step(t!("cli.no-admin-conf")))?;
                let sum = Sha256::digest(text.as_bytes());
                let (workdir, cluster) = (&self.lab.workdir, &self.lab.spec.name);
                let own = super::kubeconfig::save(workdir, cluster, &text, &sum)?;
                if let Err(error) = super::merged::put_again(workdir, cluster, &own) {
                    // The cluster is none the worse for it.
                    hearer.line(&error.message);
                }
                Ok(())
            }
            Workstation::Power { node, on: false } => {
                power::note(&self.lab.workdir, node)?;
                let Some(vagrant) = self.vagrant() else {
                    return Err(Error::usage(t!("power.hosts-of-others")));
                };
                // Half off is worse than off.
                let to_the_end = Cancel::default();
                let mut say = |line: &str| hearer.line(line);
                vagrant.halt(Some(node), &to_the_end, &mut say).map(drop)
            }
            // Also after Ctrl-C: nothing that kprov stopped stays off.
            Workstation::Power { node, on: true } => {
                self.boot_unless(&Cancel::default(), node, &mut Deaf(hearer))
            }
            Workstation::HttpGet { .. }
            | Workstation::HttpGetAt { .. }
            | Workstation::Clocks { .. }
            | Workstation::Request { .. } => Ok(()),
        }
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
            (None, Some(pack)) => pack.file(path)?,
            (None, None) => return Err(Error::host(t!("cli.no-pack", path = path))),
        };
        let open = || Ok((std::fs::File::open(&file)?, std::fs::metadata(&file)?.len()));
        let (reader, size) = open().map_err(|error: std::io::Error| {
            Error::host(t!("cli.cannot-read", path = file.display())).cause(&error)
        })?;
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
