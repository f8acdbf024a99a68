//! The box of virtual machines for a pack: from another pack, from its file, or as Vagrant has it; at last Vagrant is asked
//! to bring it.

use std::io::ErrorKind;
use std::path::Path;

use super::create::{Found, Sources, entry};
use crate::artifact::{self, Entry, Kind};
use crate::commands::boxes;
use crate::error::{Error, Result};
use crate::provider;
use crate::spec::{MachineBox, Provider};
use crate::t;
use crate::transport::Cancel;
use crate::ui::Screen;

/// The first of these boxes that is to be had.
pub(super) fn find(
    boxes: &[MachineBox],
    provider: Provider,
    sources: &Sources,
    arch: &str,
    scratch: &Path,
    screen: &Screen,
    cancel: &Cancel,
) -> Result<Option<Found>> {
    for own in boxes {
        let packed = sources.pack.as_ref();
        if let Some(entry) = packed.and_then(|pack| boxes::in_pack(pack, own, provider, arch)) {
            return Ok(Some(Found::Packed(entry.clone())));
        }
        if let Some(found) = here(own, provider, arch, scratch, sources.stop)? {
            return Ok(Some(found));
        }
    }
    if crate::platform::program(&["vagrant"]).is_none() {
        return Ok(None);
    }
    for own in boxes {
        screen.note(&t!("packs.fetching-box", name = boxes::shown(own)));
        match provider::fetch_box(own, provider, arch, cancel, &mut |_| {}) {
            Ok(()) => return here(own, provider, arch, scratch, sources.stop),
            Err(error) if cancel.is_cancelled() => return Err(error),
            // That the pack has none is said at the end.
            Err(error) => screen.note(&error.evidence.last().cloned().unwrap_or(error.message)),
        }
    }
    Ok(None)
}

/// A box that is on this computer.
fn here(
    own: &MachineBox,
    provider: Provider,
    arch: &str,
    scratch: &Path,
    stop: &dyn Fn() -> bool,
) -> Result<Option<Found>> {
    let file = own
        .url
        .as_ref()
        .map(Path::new)
        .filter(|path| path.is_absolute() && path.is_file());
    let (version, path) = if let Some(path) = file {
        check_sum(own, path, stop)?;
        (own.version.clone(), path.to_owned())
    } else {
        let version = own.version.as_deref();
        let Some(installed) = provider::installed_box(&own.name, version, provider, arch) else {
            return Ok(None);
        };
        let path = scratch.join(format!("machine-{arch}.box"));
        provider::pack_box(&installed.dir, &path, stop).map_err(|error| match error.kind() {
            _ if stop() => artifact::interrupted(),
            ErrorKind::StorageFull => Error::cannot_write(&path, &error),
            _ => Error::cannot_read(&installed.dir, &error),
        })?;
        (Some(installed.version).filter(|version| version != "0"), path)
    };
    let name = own.name.replace(['/', ':'], "-");
    let path_in_pack = format!("boxes/{arch}/{name}-{}.box", provider.name());
    let entry = Entry {
        version,
        provider: Some(provider.name().to_owned()),
        ..entry(Kind::Box, &own.name, Some(arch), &path_in_pack)
    };
    Ok(Some(Found::Here(entry, path)))
}

/// Whether the file of a box is what the config says of it.
fn check_sum(own: &MachineBox, path: &Path, stop: &dyn Fn() -> bool) -> Result<()> {
    let Some(wanted) = &own.sha256 else { return Ok(()) };
    let found = artifact::sum_of_file(path, stop)?;
    if found == *wanted {
        return Ok(());
    }
    Err(Error::usage(t!(
        "boxes.wrong-sum",
        path = path.display(),
        name = own.name,
        found = found,
        expected = wanted
    )))
}
