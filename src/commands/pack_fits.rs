//! Whether a cluster of this config can work with what a pack has.

use std::io::Read;

use super::lab::arch;
use crate::artifact::{Encoding, Entry, Kind, Pack};
use crate::error::{Error, Result};
use crate::render::{self, AddOn};
use crate::spec::{Runtime, Spec};
use crate::t;
use crate::versions::{self, Row};

/// Kinds that Kubernetes does not know any more, and from which minor version on.
const GONE: &[(&str, u32)] = &[("PodSecurityPolicy", 25)];
/// API versions that Kubernetes did not always know, and from which minor version on it does.
const NEW: &[(&str, u32)] = &[("policy/v1", 21)];

/// Refuses a pack whose runtime or manifests cannot work with the Kubernetes of the Spec, with the reason and the
/// nearest that can.
pub(super) fn check(pack: &Pack, spec: &Spec) -> Result<()> {
    runtime(pack, spec, versions::row(spec.kubernetes.minor))?;
    // Those of a served pack come later; what is wrong with them is said on the node.
    if pack.is_served() {
        return Ok(());
    }
    for add_on in render::add_ons(spec)? {
        manifests(pack, spec, &add_on)?;
    }
    Ok(())
}

fn runtime(pack: &Pack, spec: &Spec, row: &Row) -> Result<()> {
    let (kind, (from, below), fits) = match spec.runtime {
        Runtime::Containerd => (Kind::Containerd, &row.containerd_range, &row.containerd),
        Runtime::Docker => (Kind::Docker, &row.docker_range, &row.docker),
    };
    let name = spec.runtime.name();
    let versions = pack
        .entries(kind, arch())
        .filter_map(|entry| entry.version.as_deref());
    for found in versions {
        if numbers(from) <= numbers(found) && numbers(found) < numbers(below) {
            continue;
        }
        let message = t!(
            "runtime.pack-version",
            pack = pack.origin().display(),
            name = name,
            found = found,
            version = spec.kubernetes,
            from = from,
            below = below
        );
        return Err(Error::usage(message).hint(t!("runtime.pack-version-hint", name = name, fits = fits)));
    }
    Ok(())
}

/// The numbers of a version: 2.1.4 of `v2.1.4-1`.
fn numbers(version: &str) -> Vec<u32> {
    let version = version.trim_start_matches('v');
    let end = version.find(|c: char| !c.is_ascii_digit() && c != '.');
    let version = &version[..end.unwrap_or(version.len())];
    version.split('.').map_while(|part| part.parse().ok()).collect()
}

fn manifests(pack: &Pack, spec: &Spec, add_on: &AddOn) -> Result<()> {
    // What a chart becomes is known to helm on the node alone.
    if !add_on.values.is_empty() {
        return Ok(());
    }
    let minor = spec.kubernetes.minor;
    for entry in pack
        .entries(Kind::Manifest, arch())
        .filter(|entry| entry.name == add_on.name)
    {
        let text = text(pack, entry)?;
        for (api, kind) in objects(&text) {
            let message = if GONE.iter().any(|(gone, from)| *gone == kind && minor >= *from) {
                t!(
                    "runtime.pack-kind",
                    file = entry.path,
                    pack = pack.origin().display(),
                    kind = kind,
                    version = spec.kubernetes
                )
            } else if let Some((api, from)) = NEW.iter().find(|(new, from)| *new == api && minor < *from) {
                t!(
                    "runtime.pack-api",
                    file = entry.path,
                    pack = pack.origin().display(),
                    kind = format!("{api} {kind}"),
                    from = format!("1.{from}"),
                    version = spec.kubernetes
                )
            } else {
                continue;
            };
            let hint = t!(
                "runtime.pack-kind-hint",
                name = add_on.name,
                fits = add_on.version
            );
            return Err(Error::usage(message).hint(hint));
        }
    }
    Ok(())
}

/// The text of a manifest in a pack.
pub(super) fn text(pack: &Pack, entry: &Entry) -> Result<String> {
    let path = pack.file(&entry.path, &|| false)?;
    let unreadable = |error: std::io::Error| Error::cannot_read(&path, &error);
    let bytes = std::fs::read(&path).map_err(unreadable)?;
    let mut text = String::new();
    match entry.encoding {
        Encoding::Gzip => flate2::read::GzDecoder::new(bytes.as_slice()).read_to_string(&mut text),
        _ => bytes.as_slice().read_to_string(&mut text),
    }
    .map_err(unreadable)?;
    Ok(text)
}

/// API version and kind of every document.
fn objects(manifest: &str) -> Vec<(&str, &str)> {
    let mut objects = vec![("", "")];
    for line in manifest.lines() {
        let value = |key: &str| {
            line.strip_prefix(key)
                .map(|rest| rest.trim().trim_matches(['"', '\'']))
        };
        let Some(object) = objects.last_mut() else { break };
        if line.starts_with("---") {
            objects.push(("", ""));
        } else if let Some(api) = value("apiVersion:") {
            object.0 = api;
        } else if let Some(kind) = value("kind:") {
            object.1 = kind;
        }
    }
    objects
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_numbers() {
        assert_eq!(numbers("v2.1.4-1"), [2, 1, 4]);
        assert_eq!(numbers("20.10.24+dfsg1"), [20, 10, 24]);
        assert!(numbers("1.7.30") < numbers("2") && numbers("2") <= numbers("2.0.0"));
        assert!(numbers("19.03") <= numbers("20.10.7") && numbers("25.0.0") >= numbers("25"));
    }

    #[test]
    fn documents_have_their_own_kinds() {
        let text =
            "# first\nkind: A\napiVersion: v1\nspec:\n  kind: no\n---\napiVersion: \"policy/v1\"\nkind: B\n";
        assert_eq!(objects(text), [("v1", "A"), ("policy/v1", "B")]);
    }
}
