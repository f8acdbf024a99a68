//! A pack in one archive, unpacked into the cache.

use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use crate::artifact::stop::{Until, interrupted, locked};
use crate::artifact::sum;
use crate::error::{Error, Result};
use crate::{platform, t};

/// What is in the name of a directory into which an archive is being unpacked.
const UNPACKING: &str = "unpacking";

/// The directory that an archive was unpacked into: by its path, size and time, so once for all runs. What is whole is
/// moved into place at once.
pub(super) fn unpacked(archive: &Path, metadata: &fs::Metadata, stop: &dyn Fn() -> bool) -> Result<PathBuf> {
    let failed =
        |error: io::Error| Error::host(t!("cli.pack-not-unpacked", path = archive.display())).cause(&error);
    let absolute = fs::canonicalize(archive).map_err(failed)?;
    let key = format!(
        "{}\n{}\n{:?}",
        absolute.display(),
        metadata.len(),
        metadata.modified().ok()
    );
    let packs = platform::cache().join("packs");
    let dir = packs.join(&sum::of_text(&key)[..32]);
    if dir.is_dir() {
        return Ok(dir);
    }
    crate::workdir::private_dir(&packs).map_err(failed)?;
    let lock = locked(&packs.join("lock"), stop).map_err(failed)?;
    let _lock = lock.ok_or_else(interrupted)?;
    if dir.is_dir() {
        return Ok(dir);
    }
    remove_torn(&packs);
    let scratch = tempfile::Builder::new()
        .prefix(UNPACKING)
        .tempdir_in(&packs)
        .map_err(failed)?;
    let file = Until {
        inner: File::open(archive).map_err(failed)?,
        stop,
    };
    let stream = zstd::Decoder::new(BufReader::with_capacity(1 << 20, file)).map_err(failed)?;
    // `unpack` refuses entries that would lie outside of the directory.
    let unpacked = tar::Archive::new(stream).unpack(scratch.path());
    if stop() {
        return Err(interrupted());
    }
    unpacked.map_err(failed)?;
    fs::rename(scratch.path(), &dir).map_err(failed)?;
    // The directory has a new name; there is nothing left to remove under the old one.
    let _ = scratch.keep();
    Ok(dir)
}

/// Removes what a kprov that was killed left half unpacked. Whoever has the lock is the only one who unpacks.
fn remove_torn(packs: &Path) {
    let entries = fs::read_dir(packs).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(UNPACKING)) {
        // It only takes room.
        let _ = fs::remove_dir_all(entry.path());
    }
}
