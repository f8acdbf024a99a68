//! A pack in one archive, unpacked into the cache.

use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use super::{LIST, in_use};
use crate::artifact::stop::{Until, interrupted, locked};
use crate::artifact::sum;
use crate::error::{Error, Result};
use crate::t;

/// What is in the name of a directory into which an archive is being unpacked.
const UNPACKING: &str = "unpacking";

/// How much of a sum names an archive, and what it was at a time.
const DIGITS: usize = 16;

/// The ending of the file beside a directory that says which archive it is of.
const ARCHIVE: &str = "archive";

/// The directory that an archive was unpacked into: by its path, size and time, so once for all runs. What is whole is
/// moved into place at once, and what the archive was before goes, with what is of archives that are no more. The file
/// keeps it from being removed.
pub(super) fn unpacked(
    archive: &Path,
    metadata: &fs::Metadata,
    stop: &dyn Fn() -> bool,
) -> Result<(PathBuf, Option<File>)> {
    let failed =
        |error: io::Error| Error::host(t!("cli.pack-not-unpacked", path = archive.display())).cause(&error);
    let absolute = fs::canonicalize(archive).map_err(failed)?;
    let as_it_is = format!("{}\n{:?}", metadata.len(), metadata.modified().ok());
    let [archives, as_it_is] =
        [absolute.display().to_string(), as_it_is].map(|text| sum::of_text(&text)[..DIGITS].to_owned());
    let packs = in_use::root();
    let dir = packs.join(format!("{archives}-{as_it_is}"));
    let there = || {
        // Held first: it may go until then.
        let held = dir.is_dir().then(|| in_use::hold(&dir))?;
        dir.is_dir().then_some(held)
    };
    if let Some(held) = there() {
        return Ok((dir, held));
    }
    crate::workdir::private_dir(&packs).map_err(failed)?;
    let lock = locked(&packs.join("lock"), stop).map_err(failed)?;
    let _lock = lock.ok_or_else(interrupted)?;
    if let Some(held) = there() {
        return Ok((dir, held));
    }
    remove_former(&packs);
    remove_torn(&packs);
    let scratch = tempfile::Builder::new()
        .prefix(UNPACKING)
        .tempdir_in(&packs)
        .map_err(failed)?;
    let file = Until {
        inner: File::open(archive).map_err(failed)?,
        stop,
    };
    let torn = |error: io::Error| match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Error::cannot_write(&packs, &error),
        // What the layers above it add names files of the cache, which are of no use to anybody.
        _ => Error::host(t!("cli.pack-not-unpacked", path = archive.display()))
            .cause(root(&error))
            .hint(t!("cli.pack-not-unpacked-hint", size = metadata.len())),
    };
    let stream = zstd::Decoder::new(BufReader::with_capacity(1 << 20, file)).map_err(torn)?;
    // `unpack` refuses entries that would lie outside of the directory.
    let unpacked = tar::Archive::new(stream).unpack(scratch.path());
    if stop() {
        return Err(interrupted());
    }
    unpacked.map_err(torn)?;
    fs::rename(scratch.path(), &dir).map_err(failed)?;
    // The directory has a new name; there is nothing left to remove under the old one.
    let _ = scratch.keep();
    let held = in_use::hold(&dir);
    if let Some(path) = absolute.to_str() {
        // Without it the directory stays when the archive goes.
        let _ = fs::write(dir.with_extension(ARCHIVE), path);
    }
    let before = format!("{archives}-");
    for other in named(&packs, "").filter(|other| *other != dir) {
        let name = other.file_name().unwrap_or_default().to_string_lossy();
        if (name.starts_with(&before) || is_of_nothing(&other)) && in_use::remove(&other) {
            let _ = fs::remove_file(other.with_extension(ARCHIVE));
        }
    }
    Ok((dir, held))
}

/// Where an error comes from.
fn root(error: &io::Error) -> &(dyn std::error::Error + 'static) {
    let mut root: &(dyn std::error::Error + 'static) = error;
    while let Some(source) = root.source() {
        root = source;
    }
    root
}

/// Whether the archive that a directory is of is known to be no more.
fn is_of_nothing(dir: &Path) -> bool {
    let archive = fs::read_to_string(dir.with_extension(ARCHIVE));
    archive.is_ok_and(|path| fs::metadata(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound))
}

/// Removes what archives were unpacked into when a folder was named by 32 digits of one sum: nobody looks there any more.
fn remove_former(packs: &Path) {
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    for former in named(packs, "") {
        let name = former.file_name().unwrap_or_default().to_string_lossy();
        if name.len() == 2 * DIGITS && name.bytes().all(is_digit) && former.join(LIST).is_file() {
            in_use::remove(&former);
        }
    }
}

/// Removes what a kprov that was killed left half unpacked. Whoever has the lock is the only one who unpacks.
fn remove_torn(packs: &Path) {
    for torn in named(packs, UNPACKING) {
        // It only takes room.
        let _ = fs::remove_dir_all(torn);
    }
}

/// The folders whose names begin so.
fn named(packs: &Path, with: &str) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(packs).into_iter().flatten().flatten();
    let paths = entries
        .filter(move |entry| entry.file_name().to_string_lossy().starts_with(with))
        .map(|entry| entry.path());
    paths.filter(|path| path.is_dir())
}
