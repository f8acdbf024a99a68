//! `kprov pack create`: what a cluster needs is taken from a pack, the cache and the internet, in that order.

use std::collections::HashSet;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use super::machine_box;
use crate::artifact::{
    self, Artifact, Encoding, Entry, Image, Item, Kind, Needs, Pack, Scratch, Store, Watch,
};
use crate::cli::{Global, PackCreate};
use crate::commands::{lab, needs, pack_fits, supplies};
use crate::error::{Error, Exit, Result};
use crate::provider;
use crate::spec::{Provider, Spec};
use crate::t;
use crate::transport::Cancel;
use crate::ui::{Meter, Screen};
use crate::workdir::Workdir;

/// Where what a pack is made of comes from.
pub(super) struct Sources<'a> {
    store: Store,
    pub(super) pack: Option<Pack>,
    pub(super) stop: &'a (dyn Fn() -> bool + Sync),
}

/// A file that is to be in the pack, and where it is.
pub(super) enum Found {
    /// In another pack.
    Packed(Entry),
    File(Artifact, Option<String>),
    Image(Image),
    /// A file of this computer.
    Here(Entry, PathBuf),
}

pub(super) fn run(global: &Global, options: &PackCreate, screen: &Screen, cancel: &Cancel) -> Result<Exit> {
    let spec = lab::read_spec(&global.file, screen)?;
    let provider = provider(global, &spec, cancel);
    let stop = || cancel.is_cancelled();
    let sources = Sources {
        store: lab::store(&spec),
        pack: options
            .supply
            .pack
            .as_deref()
            .map(|pack| supplies::checked_pack(pack, cancel))
            .transpose()?,
        stop: &stop,
    };
    if let Some(pack) = &sources.pack {
        supplies::same_version(pack, &spec)?;
    }
    let own = [lab::arch().to_owned()];
    let arches = if options.arch.is_empty() {
        &own[..]
    } else {
        &options.arch
    };
    let scratch = Scratch::new().map_err(|error| Error::host(t!("provider.no-room")).cause(&error))?;
    let mut found = Vec::new();
    let mut lacks_box = Vec::new();
    for arch in arches {
        screen.note(&t!("packs.gathering", arch = arch));
        let meter = Meter::new(screen, arch);
        found.extend(sources.gather(&spec, provider, arch, &meter)?);
        drop(meter);
        if provider == Provider::Docker {
            match node_image(&spec, &sources, arch, scratch.path(), cancel)? {
                Some(image) => found.push(image),
                None => screen.note(&t!("packs.no-node-image", arch = arch)),
            }
        }
        if matches!(provider, Provider::Virtualbox | Provider::Libvirt) {
            let boxes = if arch == lab::arch() {
                spec.boxes(provider).to_vec()
            } else {
                spec.boxes_for(provider, arch)
            };
            match machine_box::find(&boxes, provider, &sources, arch, scratch.path(), screen, cancel)? {
                Some(own) => found.push(own),
                None => lacks_box.push((arch.as_str(), boxes)),
            }
        }
    }
    let mut paths = HashSet::new();
    found.retain(|found| paths.insert(found.entry().path));
    screen.note(&t!("packs.writing", path = options.output.display()));
    let meter = Meter::new(screen, &options.output.display().to_string());
    // Here every sum is looked at, so that nothing is written before all of it is there and right.
    let sizes = found
        .iter()
        .map(|found| sources.item(found).map(|item| item.entry.size));
    let total = sizes.sum::<Result<u64>>()?;
    let items = found.iter().map(|found| sources.item(found));
    let version = spec.kubernetes.to_string();
    let watch = &mut Watch {
        stop: &stop,
        progress: &mut |done, total| meter.show(done, total),
    };
    let files = artifact::write_pack(&options.output, &version, items, total, watch)?;
    drop(meter);
    let bytes = files.iter().map(|entry| entry.size).sum();
    screen.say(&t!(
        "packs.made",
        path = options.output.display(),
        files = files.len(),
        size = super::size(bytes)
    ));
    // Last, so that it is seen.
    for (arch, boxes) in lacks_box {
        let names: Vec<&str> = boxes.iter().map(|own| own.name.as_str()).collect();
        screen.note(&if names.is_empty() {
            t!("packs.no-other-box", provider = provider.name(), arch = arch)
        } else {
            // Up to Vagrant 2.3 there is no such option, and none is needed for what is for this computer.
            let other = (arch != lab::arch()).then(|| format!(" --architecture {arch}"));
            t!(
                "packs.no-box",
                names = names.join(", "),
                provider = provider.name(),
                arch = arch,
                option = other.unwrap_or_default()
            )
        });
    }
    Ok(Exit::Done)
}

/// The provider whose machines the pack is for; a pack can be made where none works.
fn provider(global: &Global, spec: &Spec, cancel: &Cancel) -> Provider {
    let before = Workdir::of(&global.file, &spec.name).read("provider");
    let choice = provider::resolve(spec.provider, before.as_deref().map(str::trim), cancel);
    choice.map_or(Provider::Virtualbox, |choice| choice.provider)
}

impl Sources<'_> {
    /// All that nodes of an architecture need: what the pack has not is made be in the cache.
    fn gather(&self, spec: &Spec, provider: Provider, arch: &str, meter: &Meter) -> Result<Vec<Found>> {
        // The image of container nodes has a runtime.
        let mut needs = needs::needs(spec, provider != Provider::Docker, arch)?;
        self.fetch(arch, &needs, meter)?;
        let manifest = |file: &Artifact| {
            let packed = self.packed(file.kind, arch, |entry| entry.name == file.name);
            match (&self.pack, packed) {
                (Some(pack), Some(entry)) => pack_fits::text(pack, entry),
                _ => needs::text_of(&self.store.file(file, self.stop)?),
            }
        };
        needs.images.extend(needs::add_on_images(spec, arch, &manifest)?);
        self.fetch(arch, &needs, meter)?;
        let files = needs.files.into_iter().map(|file| {
            if let Some(entry) = self.packed(file.kind, arch, |entry| entry.name == file.name) {
                return Found::Packed(entry.clone());
            }
            // A manifest is the same for all.
            let arch = (file.kind != Kind::Manifest).then(|| arch.to_owned());
            Found::File(file, arch)
        });
        let images = needs.images.into_iter().map(|image| {
            match self.packed(Kind::Image, arch, |entry| entry.images.contains(&image.name)) {
                Some(entry) => Found::Packed(entry.clone()),
                None => Found::Image(image),
            }
        });
        Ok(files.chain(images).collect())
    }

    fn packed<'a>(&'a self, kind: Kind, arch: &'a str, is: impl Fn(&Entry) -> bool) -> Option<&'a Entry> {
        self.pack
            .as_ref()
            .and_then(|pack| pack.entries(kind, arch).find(|entry| is(entry)))
    }

    fn fetch(&self, arch: &str, needs: &Needs, meter: &Meter) -> Result<()> {
        let file = |file: &&Artifact| {
            self.packed(file.kind, arch, |entry| entry.name == file.name)
                .is_none()
        };
        let image = |image: &&Image| {
            self.packed(Kind::Image, arch, |entry| entry.images.contains(&image.name))
                .is_none()
        };
        let missing = Needs {
            files: needs.files.iter().filter(file).cloned().collect(),
            images: needs.images.iter().filter(image).cloned().collect(),
        };
        self.store.fetch(
            &missing,
            &mut Watch {
                stop: self.stop,
                progress: &mut |done, total| meter.show(done, total),
            },
        )
    }

    fn item(&self, found: &Found) -> Result<Item> {
        let entry = found.entry();
        match found {
            Found::Packed(_) => {
                let path = self
                    .pack
                    .as_ref()
                    .map(|pack| pack.file(&entry.path, self.stop))
                    .transpose()?;
                of_file(entry, &path.unwrap_or_default())
            }
            Found::File(file, _) => of_file(entry, &self.store.file(file, self.stop)?),
            Found::Here(_, path) => of_file(entry, path),
            Found::Image(image) => {
                let archive = self.store.archive(image, self.stop)?;
                Ok(Item {
                    entry: Entry {
                        size: archive.size(),
                        ..entry
                    },
                    reader: Box::new(archive),
                })
            }
        }
    }
}

fn of_file(entry: Entry, path: &Path) -> Result<Item> {
    let open = || File::open(path).and_then(|file| Ok((file.metadata()?.len(), file)));
    let (size, file) = open().map_err(|error| Error::cannot_read(path, &error))?;
    Ok(Item {
        entry: Entry { size, ..entry },
        reader: Box::new(BufReader::with_capacity(1 << 18, file)),
    })
}

impl Found {
    /// What the list says of it; sizes and sums come when it is written.
    fn entry(&self) -> Entry {
        match self {
            Self::Packed(entry) | Self::Here(entry, _) => entry.clone(),
            Self::File(file, arch) => Entry {
                version: Some(file.version.clone()),
                encoding: file.encoding,
                ..entry(
                    file.kind,
                    file.name,
                    arch.as_deref(),
                    &format!(
                        "{}s/{}/{}",
                        file.kind.as_str(),
                        arch.as_deref().unwrap_or("all"),
                        file.file_name()
                    ),
                )
            },
            Self::Image(image) => {
                let mut roles = Vec::new();
                if image.control_planes != image.workers {
                    let role = if image.workers { "worker" } else { "control-plane" };
                    roles.push(role.to_owned());
                }
                let word = image.reference().word();
                let file = image.name.replace(['/', ':', '@'], "-");
                Entry {
                    images: vec![image.name.clone()],
                    roles,
                    ..entry(
                        Kind::Image,
                        &word,
                        Some(&image.arch),
                        &format!("images/{}/{file}.tar", image.arch),
                    )
                }
            }
        }
    }
}

pub(super) fn entry(kind: Kind, name: &str, arch: Option<&str>, path: &str) -> Entry {
    Entry {
        kind,
        name: name.to_owned(),
        version: None,
        arch: arch.map(ToOwned::to_owned),
        provider: None,
        path: path.to_owned(),
        encoding: Encoding::None,
        sha256: String::new(),
        content_sha256: None,
        size: 0,
        images: Vec::new(),
        roles: Vec::new(),
    }
}

/// The image of container nodes: from the pack, else made here, which is possible for this computer's own
/// architecture only.
fn node_image(
    spec: &Spec,
    sources: &Sources,
    arch: &str,
    scratch: &Path,
    cancel: &Cancel,
) -> Result<Option<Found>> {
    let name = spec.docker.image.clone().unwrap_or_else(provider::image_tag);
    if let Some(entry) = sources.packed(Kind::NodeImage, arch, |entry| entry.images.contains(&name)) {
        return Ok(Some(Found::Packed(entry.clone())));
    }
    if arch != lab::arch() {
        return Ok(None);
    }
    if !provider::has_node_image(&name, cancel)? {
        let source = provider::ImageSource {
            archive: None,
            base: &spec.docker.base_image,
            mirror: Some(spec.docker.debian_mirror.as_str())
                .filter(|mirror| *mirror != provider::DEBIAN_MIRROR),
        };
        provider::ensure_node_image(&name, &source, cancel, &mut |_| {})?;
    }
    let path = scratch.join("node-image.tar");
    provider::save_node_image(&name, &path, cancel)?;
    let entry = Entry {
        images: vec![name],
        ..entry(
            Kind::NodeImage,
            "node",
            Some(arch),
            &format!("node-images/{arch}/node.tar"),
        )
    };
    Ok(Some(Found::Here(entry, path)))
}
