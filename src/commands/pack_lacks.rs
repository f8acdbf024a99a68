//! What a pack lacks of what a cluster needs: looked for in this computer's cache, and nowhere else.

use std::path::Path;

use super::lab::arch;
use super::{boxes, needs, pack_fits};
use crate::artifact::{Artifact, Entry, Image, Kind, Needs, Pack, Reference, Store};
use crate::error::{Error, Result};
use crate::platform;
use crate::spec::{Provider, Spec};
use crate::t;
use crate::versions;
use crate::workdir::Workdir;

/// What is not in the pack.
pub(super) struct Rest {
    /// What the cache has of it.
    pub needs: Needs,
    /// What it has not either, in words.
    pub lacking: Vec<String>,
}

/// Whether machines are made of boxes.
fn of_boxes(provider: Provider) -> bool {
    matches!(provider, Provider::Virtualbox | Provider::Libvirt)
}

/// Looks for everything that the cluster needs in the pack, then in the cache. `store` is closed.
pub(super) fn rest(
    pack: &Pack,
    spec: &Spec,
    provider: Provider,
    workdir: &Workdir,
    store: &Store,
) -> Result<Rest> {
    // The image of container nodes has a runtime.
    let mut wanted = needs::needs(spec, provider != Provider::Docker, arch())?;
    let mut rest = Rest {
        needs: Needs::default(),
        lacking: Vec::new(),
    };
    if of_boxes(provider) && boxes::settled(pack, spec, provider, workdir).is_none() {
        let names: Vec<&str> = spec.boxes(provider).iter().map(|own| own.name.as_str()).collect();
        rest.lacking.push(t!(
            "packs.lacks-box",
            names = names.join(", "),
            provider = provider.name(),
            arch = arch()
        ));
    }
    let mut manifests = true;
    for file in wanted.files {
        if packed(pack, file.kind, file.name).is_some() {
            continue;
        }
        if store.holds(&file) {
            rest.needs.files.push(file);
        } else if !may_be_on_the_nodes(&file) {
            manifests &= file.kind != Kind::Manifest;
            rest.lacking.push(t!(
                "packs.lacks-file",
                name = file.name,
                version = file.version,
                kind = file.kind.as_str()
            ));
        }
    }
    if manifests {
        let text = |file: &Artifact| match packed(pack, file.kind, file.name) {
            Some(entry) => pack_fits::text(pack, entry),
            None => needs::text_of(&store.file(file, &|| false)?),
        };
        wanted.images.extend(needs::add_on_images(spec, arch(), &text)?);
    }
    for image in wanted.images {
        if has(pack, &image) {
            continue;
        }
        if store.holds_image(&image) {
            rest.needs.images.push(image);
        } else if image.name != versions::samples().next {
            rest.lacking
                .push(t!("packs.lacks-image", name = image.name, arch = image.arch));
        }
    }
    Ok(rest)
}

fn packed<'a>(pack: &'a Pack, kind: Kind, name: &str) -> Option<&'a Entry> {
    pack.entries(kind, arch()).find(|entry| entry.name == name)
}

/// What nodes may have of their own, or of their distribution: their steps say so where they have not.
fn may_be_on_the_nodes(file: &Artifact) -> bool {
    matches!(file.kind, Kind::Containerd | Kind::Docker | Kind::CniPlugins) || file.name == "runc"
}

/// Whether the pack has an image. The one that holds a pod's namespaces may be of any version: nodes are told which.
fn has(pack: &Pack, image: &Image) -> bool {
    let pause = |name: &str| {
        let name = name.rsplit('/').next().unwrap_or(name);
        name.starts_with("pause:")
    };
    pack.entries(Kind::Image, arch())
        .flat_map(|entry| &entry.images)
        // A list may have names in short.
        .any(|name| Reference::parse(name) == image.reference() || (pause(name) && pause(&image.name)))
}

/// Names all of it, where it was looked for, and what brings it.
pub(super) fn error(pack: &Pack, lacking: &[String], file: &Path) -> Error {
    Error::host(t!(
        "packs.lacks",
        pack = pack.origin().display(),
        cache = platform::cache().display()
    ))
    .reasons(lacking)
    .hint(t!("packs.lacks-hint", file = file.display(), arch = arch()))
}

/// The image of container nodes is in no cache, but Docker may have it; otherwise it would be built of what the internet
/// has.
pub(super) fn no_node_image(pack: &Pack, image: &str) -> Error {
    Error::host(t!(
        "packs.lacks-node-image",
        pack = pack.origin().display(),
        image = image
    ))
    .hint(t!("packs.lacks-node-image-hint"))
}
