//! The steps that are done on this computer: downloads, images, kubeconfig, power, and what is asked from outside.

use std::time::Duration;

use sha2::{Digest, Sha256};

use super::Real;
use crate::artifact::Watch;
use crate::commands::{boxes, clocks, kubeconfig, merged, pack_lacks, power};
use crate::engine::{BootHearer, FactSource, World};
use crate::error::{Error, Result};
use crate::plan::Workstation;
use crate::platform;
use crate::provider;
use crate::t;
use crate::transport::{Cancel, Hearer, http};

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

    fn advice(&mut self, advice: &str) {
        self.0.line(advice);
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

impl Real<'_> {
    /// Whether a step of this computer's is done already: what was seen, or what is missing.
    pub(super) fn check(&self, work: &Workstation, fact: &FactSource) -> Result<String, String> {
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
                let path = platform::cache();
                Ok(t!(
                    "artifact.present",
                    number = needs.files.len() + needs.images.len() + served.len(),
                    path = path.display()
                ))
            }
            Workstation::Kubeconfig { sum, .. } => {
                let wanted = fact(sum).ok_or_else(|| t!("cli.no-admin-conf"))?;
                let path = self.lab.workdir.path(kubeconfig::FILE);
                match kubeconfig::source_sum(&self.lab.workdir) {
                    Some(sum) if sum == wanted => Ok(path.display().to_string()),
                    Some(_) => Err(t!("cli.kubeconfig-old", path = path.display())),
                    None => Err(t!("cli.kubeconfig-missing", path = path.display())),
                }
            }
            // Also after Ctrl-C it has to be known whether what was stopped runs again.
            Workstation::Power { node, on } => match (self.connect(node, &Cancel::default()), on) {
                // Its Vagrant may still be at work, of a kprov that was killed: another Vagrant waits for that one.
                (Ok(_), true) if power::is_noted(&self.lab.workdir, node) => {
                    Err(t!("power.may-be-stopping", node = node))
                }
                (Ok(_), true) => Ok(t!("power.answers", node = node)),
                (Ok(_), false) => Err(t!("power.answers", node = node)),
                (Err(why), true) => Err(t!("power.silent-because", node = node, reason = why)),
                (Err(_), false) => Ok(t!("power.silent", node = node)),
            },
            Workstation::Clocks { nodes } => {
                clocks::compare(nodes, |node| self.connect(node, &self.cancel), &self.cancel)
            }
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

    /// Does it.
    pub(super) fn apply(&self, work: &Workstation, fact: &FactSource, hearer: &mut dyn Hearer) -> Result<()> {
        let stop = || self.cancel.is_cancelled();
        match work {
            Workstation::Downloads => {
                let watch = &mut Watch {
                    stop: &stop,
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
                    &pack.file(&entry.path, &stop)?,
                    &self.cancel,
                    say,
                )
            }
            Workstation::NodeImage => {
                let lab = self.lab;
                let archive = match (&lab.pack, lab.packed_node_image()) {
                    (Some(pack), Some(entry)) => Some(pack.file(&entry.path, &stop)?),
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
                let own = kubeconfig::save(workdir, cluster, &text, &sum)?;
                if let Err(error) = merged::put_again(workdir, cluster, &own) {
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
                vagrant.halt(Some(node), &to_the_end, &mut say)
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
}
