//! What runs the containers, and what it does not go together with.

use toml::de::DeTable;

use super::Runtime;
use super::diagnostic::{Diagnostic, shown};
use super::document::{At, Section};
use super::references::base_address;
use super::words::one_of;
use crate::t;

pub(super) fn read(section: &Section<'_>, problems: &mut Vec<Diagnostic>) -> Option<At<Runtime>> {
    if !section.has("runtime") {
        return Some(At::default_of(Runtime::Containerd));
    }
    let written = section.text("runtime")?;
    let runtime = match one_of("runtime", &written, &["containerd", "docker"], problems)? {
        "docker" => Runtime::Docker,
        _ => Runtime::Containerd,
    };
    Some(written.with(runtime))
}

/// What the runtime needs of the rest of the file.
pub(super) fn check<'a>(runtime: &At<Runtime>, root: &'a DeTable<'a>, problems: &mut Vec<Diagnostic>) {
    if runtime.value != Runtime::Docker {
        return;
    }
    let section = Section::named(root, "artifacts");
    for mirror in section.texts("registry_mirrors") {
        // One that is no address at all has its own diagnostic.
        let rest = base_address(mirror.value).and_then(|address| address.split_once("://"));
        let Some((host, _)) = rest.and_then(|(_, rest)| rest.split_once('/')) else {
            continue;
        };
        problems.push(
            Diagnostic::new(
                mirror.place_or(&section.header),
                t!("runtime.mirror-path", mirror = shown(mirror.value)),
                t!("runtime.mirror-path-here", host = host),
            )
            .also(runtime.at.clone(), t!("runtime.is-docker"))
            .why(t!("runtime.mirror-path-why"))
            .help(t!("spec.write", line = "runtime = \"containerd\"")),
        );
    }
    let verify = Section::named(root, "verify");
    let own = section
        .texts("images")
        .into_iter()
        .map(|image| (image, "images", &section));
    let sample = verify.text("image").map(|image| (image, "image", &verify));
    for (image, key, section) in own.chain(sample) {
        let Some((name, _)) = image.value.split_once('@') else {
            continue;
        };
        problems.push(
            Diagnostic::new(
                image.place_or(&section.header),
                t!("runtime.image-digest", key = key, image = shown(image.value)),
                t!("runtime.image-digest-here"),
            )
            .also(runtime.at.clone(), t!("runtime.is-docker"))
            .why(t!("runtime.image-digest-why"))
            .help(t!("runtime.image-digest-help", name = name)),
        );
    }
}
