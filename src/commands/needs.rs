//! What a cluster gets, wherever it comes from: programs, manifests and container images.

use std::path::Path;

use crate::artifact::{self, Artifact, Image, Needs};
use crate::error::{Error, Result};
use crate::render;
use crate::spec::{Runtime, Spec};
use crate::versions;

/// Everything that nodes of an architecture get. `runtime` says whether they have no containerd yet.
pub(super) fn needs(spec: &Spec, runtime: bool, arch: &str) -> Result<Needs> {
    let mut images = artifact::images(spec.kubernetes, &spec.artifacts.image_repository, arch);
    images.push(Image::new(&spec.verify.image, arch).for_workers());
    // A user's own image is rolled out to another one only where the nodes have one.
    let samples = versions::samples();
    if spec.verify.image == samples.image {
        images.push(Image::new(&samples.next, arch).for_workers());
    }
    for image in own_images(spec, arch) {
        if !images.contains(&image) {
            images.push(image);
        }
    }
    let catalog = match spec.runtime {
        Runtime::Containerd => artifact::catalog,
        Runtime::Docker => artifact::docker_catalog,
    };
    let mut files = catalog(spec.kubernetes, arch, runtime);
    files.extend(artifact::manifests(&render::add_ons(spec)?, arch));
    Ok(Needs { files, images })
}

/// The images that the config names for its nodes.
pub(super) fn own_images(spec: &Spec, arch: &str) -> impl Iterator<Item = Image> {
    let names = spec.artifacts.images.iter();
    names.map(|name| Image::new(name, arch).for_workers())
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
    std::fs::read_to_string(path).map_err(|error| Error::cannot_read(path, &error))
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
