//! What most commands begin with: the Spec, the provider that was settled on, the state directory, the pack.

use std::path::{Path, PathBuf};

use super::foreign::Foreign;
use super::{boxes, made, pack_lacks};
use crate::artifact::{self, Artifact, Entry, Image, Kind, Logins, Needs, Pack, Store};
use crate::cli::{Global, Supply};
use crate::error::{Error, Exit, Result};
use crate::plan::up::{Supplies, Supply as PlanSupply};
use crate::platform;
use crate::provider;
use crate::render::{self, MachineAccess};
use crate::spec::{self, Computer, MachineBox, Node, Provider, ProxyMode, ReadError, Runtime, Spec};
use crate::t;
use crate::transport::Cancel;
use crate::transport::local::Program;
use crate::ui::Screen;
use crate::versions;
use crate::workdir::Workdir;

/// The architecture of the nodes: that of this computer, as Go names it.
pub(super) fn arch() -> &'static str {
    platform::arch()
}

/// Where the Vagrantfile is in the state directory.
const VAGRANTFILE: &str = "vagrant/Vagrantfile";
/// What names the config file in the state directory.
const CONFIG: &str = "config-file";

/// A cluster as it is meant to be, and where its state is.
pub(super) struct Lab {
    /// The config file.
    pub file: PathBuf,
    pub spec: Spec,
    /// The provider that was settled on; never `Auto`.
    pub provider: Provider,
    pub workdir: Workdir,
    pub pack: Option<Pack>,
    /// What is fetched without a pack; with one what it lacks and the cache has.
    pub needs: Needs,
    /// What neither the pack nor the cache has, in words.
    pub lacking: Vec<String>,
    pub store: Store,
    /// For a cluster that kprov did not make: what is known of it.
    pub foreign: Option<Foreign>,
}

/// Reads and checks the config file. All its problems are the message of the error.
pub(super) fn read_spec(file: &Path, screen: &Screen) -> Result<Spec> {
    match spec::read(file, &Computer::this()) {
        Ok(spec) => {
            if spec.network.kube_proxy == ProxyMode::Ipvs {
                screen.note(&t!("cli.ipvs-deprecated"));
            }
            Ok(spec)
        }
        Err(ReadError::File(error)) => Err(error),
        Err(ReadError::Diagnostics(problems)) => {
            // The screen takes the colour away where it does not belong.
            Err(Error::new(Exit::Usage, problems.render(true)))
        }
    }
}

/// The Spec of a config that kprov wrote itself.
pub(super) fn read_spec_text(text: &str) -> Result<Spec> {
    spec::parse(Path::new("cluster.toml"), text, &Computer::default())
        .map_err(|problems| Error::new(Exit::Usage, problems.render(true)))
}

impl Lab {
    /// Reads the config, settles on a provider and says so when it was found out now.
    pub(super) fn open(global: &Global, screen: &Screen, cancel: &Cancel) -> Result<Self> {
        let spec = read_spec(&global.file, screen)?;
        let workdir = Workdir::of(&global.file, &spec.name);
        let before = workdir.read("provider");
        let choice = provider::resolve(spec.provider, before.as_deref().map(str::trim), cancel)?;
        if choice.found {
            screen.note(&t!(
                "cli.provider-found",
                provider = provider::name(choice.provider)
            ));
        }
        boxes::check(&spec, choice.provider)?;
        let store = store(&spec);
        Ok(Self {
            file: global.file.clone(),
            spec,
            provider: choice.provider,
            workdir,
            pack: None,
            needs: Needs::default(),
            lacking: Vec::new(),
            store,
            foreign: None,
        })
    }

    /// The node that somebody names.
    pub(super) fn node(&self, name: &str) -> Result<&Node> {
        self.spec.node(name).ok_or_else(|| {
            let nodes: Vec<&str> = self.spec.nodes.iter().map(|node| node.name.as_str()).collect();
            Error::usage(t!("cli.no-such-node", node = name, nodes = nodes.join(", ")))
        })
    }

    /// Opens the pack that the command line or the config names, and sees that it fits the cluster; what it lacks comes
    /// from the cache. Without a pack the programs come from their projects' releases.
    pub(super) fn open_pack(&mut self, supply: &Supply) -> Result<()> {
        let Some(path) = supply.pack.as_deref().or(self.spec.artifacts.pack.as_deref()) else {
            // The image of container nodes has a runtime.
            let runtime = self.provider != Provider::Docker;
            self.needs = needs(&self.spec, runtime, arch())?;
            return Ok(());
        };
        let pack = checked_pack(path)?;
        same_version(&pack, &self.spec)?;
        super::pack_fits::check(&pack, &self.spec)?;
        if pack.entries(Kind::Program, arch()).next().is_none() {
            return Err(Error::host(t!(
                "cli.pack-other-arch",
                pack = path.display(),
                arch = arch()
            )));
        }
        // From here on nobody is asked for anything but the pack.
        self.store = store(&self.spec).closed();
        let rest = pack_lacks::rest(&pack, &self.spec, self.provider, &self.workdir, &self.store)?;
        (self.needs, self.lacking) = (rest.needs, rest.lacking);
        self.pack = Some(pack);
        Ok(())
    }

    /// The same, for what cannot do with less than everything that the cluster needs.
    pub(super) fn open_whole_pack(&mut self, supply: &Supply, global: &Global) -> Result<()> {
        self.open_pack(supply)?;
        match &self.pack {
            Some(pack) if !self.lacking.is_empty() => {
                Err(pack_lacks::error(pack, &self.lacking, &global.file))
            }
            _ => Ok(()),
        }
    }

    /// Finds out the checksums of everything that the nodes get, so that a plan can be made which knows them.
    pub(super) fn learn_sums(&mut self, cancel: &Cancel) -> Result<()> {
        if self.pack.is_some() {
            return Ok(());
        }
        let stop = || cancel.is_cancelled();
        self.store.learn(&self.needs.files, &stop)?;
        let images = add_on_images(&self.spec, arch(), &|file| {
            text_of(&self.store.file(file, &stop)?)
        })?;
        self.needs.images.extend(images);
        Ok(())
    }

    /// The files of a served pack that this cluster gets; none of other packs.
    pub(super) fn served(&self) -> Vec<&Entry> {
        let pack = self.pack.as_ref().filter(|pack| pack.is_served());
        let kinds = [
            Kind::Program,
            Kind::Containerd,
            Kind::Docker,
            Kind::CniPlugins,
            Kind::Image,
            Kind::Manifest,
        ];
        pack.into_iter()
            .flat_map(|pack| kinds.into_iter().flat_map(|kind| pack.entries(kind, arch())))
            .collect()
    }

    /// What the nodes get from this computer. Sums that were not learned are empty.
    pub(super) fn supplies(&self) -> Supplies {
        let all = |kind| {
            let packed = self.pack.iter().flat_map(|pack| pack.entries(kind, arch()));
            let released = self.needs.files.iter().filter(|artifact| artifact.kind == kind);
            let released = released.map(|artifact| self.released(artifact));
            packed.map(supply).chain(released).collect::<Vec<_>>()
        };
        let fetched = |kind| self.needs.files.iter().any(|artifact| artifact.kind == kind);
        let pulled = self.needs.images.iter().map(pulled);
        let row = versions::row(self.spec.kubernetes.minor);
        Supplies {
            programs: all(Kind::Program),
            cni_plugins: all(Kind::CniPlugins).into_iter().next(),
            containerd: all(Kind::Containerd).into_iter().next(),
            docker: all(Kind::Docker).into_iter().next(),
            docker_range: row.docker_range.clone(),
            containerd_range: fetched(Kind::Containerd).then(|| row.containerd_range.clone()),
            images: all(Kind::Image).into_iter().chain(pulled).collect(),
            manifests: all(Kind::Manifest),
            pause: row.pause.clone(),
            machine_box: self.packed_box().is_some(),
            downloads: (self.pack.is_none() && !self.needs.files.is_empty()) || !self.served().is_empty(),
        }
    }

    fn released(&self, artifact: &Artifact) -> PlanSupply {
        PlanSupply {
            name: artifact.name.to_owned(),
            path: artifact.key().to_owned(),
            sha256: self.store.sum(artifact).unwrap_or_default(),
            encoding: artifact.encoding.as_str(),
            images: Vec::new(),
            control_planes: true,
            workers: true,
        }
    }

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
        self.workdir.write("provider", provider::name(self.provider))?;
        self.workdir.write("state-id", &self.state_id())?;
        self.workdir.write(CONFIG, &self.file_name())?;
        if self.provider == Provider::Docker {
            self.make_key(cancel)?;
        }
        for (path, text) in super::render::files(&self.spec, self.provider, &self.access())? {
            let path = if path == "Vagrantfile" {
                VAGRANTFILE.to_owned()
            } else {
                path
            };
            self.workdir.write(&path, &text)?;
        }
        Ok(())
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
        Some((own, boxes::in_pack(pack, own, self.provider)?))
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

/// The store of this computer, as the config wants registries asked.
pub(super) fn store(spec: &Spec) -> Store {
    let logins = Logins::of_this_user(super::login::ask);
    Store::of_this_computer().with_registries(&spec.artifacts.registry_mirrors, logins)
}

/// Everything that nodes of an architecture get. `runtime` says whether they have no containerd yet.
pub(super) fn needs(spec: &Spec, runtime: bool, arch: &str) -> Result<Needs> {
    let mut images = artifact::images(spec.kubernetes, &spec.artifacts.image_repository, arch);
    images.push(Image::new(&spec.verify.image, arch).for_workers());
    // A user's own image is rolled out to another one only where the nodes have one.
    let samples = versions::samples();
    if spec.verify.image == samples.image {
        images.push(Image::new(&samples.next, arch).for_workers());
    }
    let catalog = match spec.runtime {
        Runtime::Containerd => artifact::catalog,
        Runtime::Docker => artifact::docker_catalog,
    };
    let mut files = catalog(spec.kubernetes, arch, runtime);
    files.extend(artifact::manifests(&render::add_ons(spec)?, arch));
    Ok(Needs { files, images })
}

/// The images in the manifests of what is put into the cluster. `file` gives the text of a manifest that is not kprov's
/// own.
pub(super) fn add_on_images(
    spec: &Spec,
    arch: &str,
    file: &dyn Fn(&Artifact) -> Result<String>,
) -> Result<Vec<Image>> {
    let mut images = Vec::new();
    for add_on in render::add_ons(spec)? {
        let text = match &add_on.manifest {
            render::Manifest::Own(text) => text.clone(),
            // What a chart becomes is known to helm on the node alone.
            render::Manifest::Released { .. } if !add_on.values.is_empty() => String::new(),
            render::Manifest::Released { .. } => {
                let mut text = String::new();
                for released in artifact::manifests(std::slice::from_ref(&add_on), arch) {
                    text += &file(&released)?;
                }
                text
            }
        };
        let of_chart = add_on.images.iter().map(String::as_str);
        for name in image_names(&text).chain(of_chart) {
            // As the node does it: other registries have them as well, under the same path.
            let name = match name.strip_prefix("docker.io/") {
                Some(path) if !add_on.registry.is_empty() => format!("{}/{path}", add_on.registry),
                _ => name.to_owned(),
            };
            let image = Image::new(&name, arch);
            if !images.contains(&image) {
                images.push(image);
            }
        }
    }
    Ok(images)
}

/// The text of a file of this computer.
pub(super) fn text_of(path: &Path) -> Result<String> {
    std::fs::read_to_string(path)
        .map_err(|error| Error::host(t!("cli.cannot-read", path = path.display())).cause(&error))
}

/// What stands behind `image:` in a manifest.
fn image_names(manifest: &str) -> impl Iterator<Item = &str> {
    manifest.lines().filter_map(|line| {
        let line = line.trim_start().trim_start_matches("- ").trim_start();
        let name = line.strip_prefix("image:")?.trim();
        let name = name.split_whitespace().next()?.trim_matches(['"', '\'']);
        (!name.is_empty()).then_some(name)
    })
}

/// Opens a pack and sees that every file of it is right, before anything is touched.
pub(super) fn checked_pack(path: &Path) -> Result<Pack> {
    let pack = Pack::open(path)?;
    pack.check(false)?;
    Ok(pack)
}

/// A pack is for one version of Kubernetes.
pub(super) fn same_version(pack: &Pack, spec: &Spec) -> Result<()> {
    if pack.kubernetes() == spec.kubernetes.to_string() {
        return Ok(());
    }
    Err(Error::usage(t!(
        "cli.pack-other-version",
        pack = pack.origin().display(),
        has = pack.kubernetes(),
        wanted = spec.kubernetes
    ))
    .hint(t!("cli.pack-other-version-hint", version = pack.kubernetes())))
}

fn pulled(image: &Image) -> PlanSupply {
    PlanSupply {
        name: image.reference().word(),
        path: image.key(),
        sha256: String::new(),
        encoding: "none",
        images: vec![image.name.clone()],
        control_planes: image.control_planes,
        workers: image.workers,
    }
}

fn supply(entry: &Entry) -> PlanSupply {
    let needed = |role: &str| entry.roles.is_empty() || entry.roles.iter().any(|r| r == role);
    PlanSupply {
        name: entry.name.clone(),
        path: entry.path.clone(),
        sha256: entry.content_sum().to_owned(),
        encoding: entry.encoding.as_str(),
        images: entry.images.clone(),
        control_planes: needed("control-plane"),
        workers: needed("worker"),
    }
}

/// A number that no other run has: enough to tell folders and runs apart, not for secrets.
pub(super) fn random() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    let mut hasher = std::collections::hash_map::RandomState::new().build_hasher();
    hasher.write_u128(
        std::time::SystemTime::UNIX_EPOCH
            .elapsed()
            .map_or(0, |time| time.as_nanos()),
    );
    hasher.write_u32(std::process::id());
    hasher.finish()
}
