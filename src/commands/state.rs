//! The state directory of a cluster: what is written before any machine is there, and what is known from it later.

use std::path::Path;

use super::lab::{Lab, arch};
use super::{boxes, made, rendered};
use crate::artifact::{Entry, Kind};
use crate::error::{Error, Exit, Result};
use crate::platform;
use crate::provider;
use crate::render::{self, MachineAccess};
use crate::spec::{MachineBox, Provider};
use crate::t;
use crate::transport::Cancel;
use crate::transport::local::Program;
use crate::ui::Screen;
use crate::workdir::Workdir;

/// Where the Vagrantfile is in the state directory.
const VAGRANTFILE: &str = "vagrant/Vagrantfile";
/// What names the config file in the state directory.
const CONFIG: &str = "config-file";

impl Lab {
    /// Whether anything of this cluster was ever made from here, or it is somebody else's. Where `up` was refused there
    /// is only its lock.
    pub(super) fn need_state(&self) -> Result<()> {
        if self.foreign.is_some() || self.workdir.read("provider").is_some() {
            return Ok(());
        }
        Err(Error::new(
            Exit::StepFailed,
            t!(
                "cli.no-cluster",
                cluster = self.spec.name,
                dir = self.workdir.root().display()
            ),
        )
        .hint(other_name(&self.file, &self.workdir).unwrap_or_else(|| t!("cli.no-cluster-hint"))))
    }

    /// Sees that the config file did not make a cluster of another name before, whose machines would have the same
    /// addresses.
    pub(super) fn not_renamed(&self) -> Result<()> {
        if self.workdir.exists() {
            return Ok(());
        }
        let mut others = self.workdir.others().into_iter();
        let old =
            others.find(|(_, workdir)| workdir.read(CONFIG).is_some_and(|file| file == self.file_name()));
        let Some((old, _)) = old else { return Ok(()) };
        let (file, new) = (self.file.display(), &self.spec.name);
        Err(Error::usage(t!("cli.renamed", file = file, old = old, new = new))
            .hint(t!("cli.renamed-hint", old = old)))
    }

    /// The config file's name, by which it is known again when its folder was moved.
    fn file_name(&self) -> String {
        let name = self.file.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    /// Makes the state directory with everything in it that is known before any machine: the provider, a key
    /// for container nodes, the Vagrantfile, kubeadm's files and the manifests.
    pub(super) fn prepare(&self, cancel: &Cancel) -> Result<()> {
        if self.packed_box().is_none() {
            boxes::check_file(&self.spec, self.provider)?;
        }
        self.workdir.create()?;
        made::note(&self.workdir, &self.spec)?;
        self.workdir.write("provider", self.provider.name())?;
        self.workdir.write("state-id", &self.state_id())?;
        self.workdir.write(CONFIG, &self.file_name())?;
        if self.provider == Provider::Docker {
            self.make_key(cancel)?;
        }
        let mut files = super::render::files(&self.spec, self.provider, &self.access())?;
        for (path, _) in &mut files {
            if path == "Vagrantfile" {
                VAGRANTFILE.clone_into(path);
            }
        }
        rendered::write(&self.workdir, &files)
    }

    /// With a pack: settles on a box that is there without the internet.
    pub(super) fn settle_box(&self, screen: &Screen) -> Result<()> {
        let Some(pack) = &self.pack else { return Ok(()) };
        let boxes = self.spec.boxes(self.provider);
        let now = boxes::chosen(&self.spec, self.provider, &self.workdir);
        let settled = boxes::settled(pack, &self.spec, self.provider, &self.workdir);
        if let (Some(old), Some(next)) = (boxes.get(now), settled.and_then(|number| boxes.get(number)))
            && old != next
        {
            screen.note(&t!(
                "boxes.next",
                old = boxes::shown(old),
                next = boxes::shown(next)
            ));
            self.workdir.write(boxes::CHOICE, &next.name)?;
        }
        Ok(())
    }

    /// Takes another of the Spec's boxes from now on, and for good.
    pub(super) fn take_box(&self, own: &MachineBox) -> Result<()> {
        self.workdir.write(boxes::CHOICE, &own.name)?;
        let text = render::vagrantfile(&self.spec, self.provider, &self.access())?;
        self.workdir.write(VAGRANTFILE, &text)?;
        Ok(())
    }

    /// Marks the machines of this folder's cluster. It is the same again when the state directory was lost.
    pub(super) fn state_id(&self) -> String {
        use sha2::{Digest, Sha256};
        self.workdir.read("state-id").map_or_else(
            || {
                let sum = Sha256::digest(self.workdir.root().as_os_str().as_encoded_bytes());
                sum.iter()
                    .take(8)
                    .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
            },
            |id| id.trim().to_owned(),
        )
    }

    /// The key for container nodes: VMs get one from Vagrant, and hosts that exist have their own.
    fn make_key(&self, cancel: &Cancel) -> Result<()> {
        let key = self.workdir.path("id_ed25519");
        if key.is_file() && self.workdir.path("id_ed25519.pub").is_file() {
            return Ok(());
        }
        let keygen =
            platform::program(&["ssh-keygen"]).ok_or_else(|| Error::host(t!("cli.no-ssh-keygen")))?;
        // Half a pair is of no use, and ssh-keygen would ask whether to write over it.
        let _ = std::fs::remove_file(&key);
        let make = Program::new(keygen)
            .args(["-q", "-t", "ed25519", "-N", "", "-C"])
            .args([format!("kprov {}", self.spec.name)])
            .args(["-f".as_ref(), key.as_os_str()]);
        let ended = make.run(cancel, &mut |_| {}).map_err(|error| {
            Error::host(t!("provider.not-started", command = make.display())).cause(&error)
        })?;
        if ended.ok() {
            return Ok(());
        }
        Err(Error::host(t!("provider.failed", command = make.display())).evidence(ended.last_lines))
    }

    /// How container nodes are made and reached.
    pub(super) fn access(&self) -> MachineAccess {
        let read = |name: &str| self.workdir.read(name).unwrap_or_default().trim().to_owned();
        MachineAccess {
            public_key: read("id_ed25519.pub"),
            private_key_path: "../id_ed25519".to_owned(),
            docker_image: self.node_image(),
            state_id: self.state_id(),
            box_number: boxes::chosen(&self.spec, self.provider, &self.workdir),
        }
    }

    /// The image of container nodes: the user's own, else the one in the pack, else the one that kprov builds.
    pub(super) fn node_image(&self) -> String {
        let packed = || self.packed_node_image()?.images.first().cloned();
        self.spec
            .docker
            .image
            .clone()
            .or_else(packed)
            .unwrap_or_else(provider::image_tag)
    }

    /// The box that the machines are made of, if the pack has it.
    pub(super) fn packed_box(&self) -> Option<(&MachineBox, &Entry)> {
        let pack = self.pack.as_ref()?;
        let number = boxes::settled(pack, &self.spec, self.provider, &self.workdir)?;
        let own = self.spec.boxes(self.provider).get(number)?;
        Some((own, boxes::in_pack(pack, own, self.provider, arch())?))
    }

    /// The archive of the node image in the pack.
    pub(super) fn packed_node_image(&self) -> Option<&Entry> {
        self.pack.as_ref()?.entries(Kind::NodeImage, arch()).next()
    }
}

/// What to do where nothing of a cluster is here, but something of others is.
pub(super) fn other_name(file: &Path, workdir: &Workdir) -> Option<String> {
    let others: Vec<String> = workdir.others().into_iter().map(|(name, _)| name).collect();
    let file = file.display();
    (!others.is_empty()).then(|| t!("cli.other-name", file = file, others = others.join(", ")))
}
