//! A pack in one archive, unpacked into the cache.

use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use crate::artifact::sum;
use crate::error::{Error, Result};
use crate::{platform, t};

/// The directory that an archive was unpacked into: by its path, size and time, so once for all runs. Another
/// kprov that unpacks at the same time does no harm: what is whole is moved into place at once.
pub(super) fn unpacked(archive: &Path, metadata: &fs::Metadata) -> Result<PathBuf> {
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
    let scratch = tempfile::Builder::new()
        .prefix("unpacking")
        .tempdir_in(&packs)
        .map_err(failed)?;
    let file = BufReader::with_capacity(1 << 20, File::open(archive).map_err(failed)?);
    let stream = zstd::Decoder::new(file).map_err(failed)?;
    // `unpack` refuses entries that would lie outside of the directory.
    tar::Archive::new(stream).unpack(scratch.path()).map_err(failed)?;
    match fs::rename(scratch.path(), &dir) {
        Err(_) if dir.is_dir() => Ok(dir),
        Err(error) => Err(failed(error)),
        Ok(()) => {
            // The directory has a new name; there is nothing left to remove under the old one.
            let _ = scratch.keep();
            Ok(dir)
        }
    }
}
