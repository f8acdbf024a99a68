//! A disk of this computer that is full, and what on it can go.

use std::error::Error;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use crate::{platform, t};

const MIB: u64 = 1024 * 1024;

/// Whether there was no room, or no more than this user may have.
pub(super) fn is_lacking(error: &(dyn Error + 'static)) -> bool {
    let kind = error.downcast_ref().map(io::Error::kind);
    matches!(kind, Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded))
}

/// What makes room.
pub(super) fn hints() -> Vec<String> {
    let cache = platform::cache();
    let size = size(&cache) / MIB;
    let kept = || t!("cli.disk-full-cache", size = size, cache = cache.display());
    let kept = (size > 0).then(kept);
    std::iter::once(t!("cli.disk-full-hint")).chain(kept).collect()
}

/// How many bytes the files below a folder have; those that cannot be seen count as none.
fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(found) if found.is_dir() => size(&entry.path()),
            Ok(found) => found.len(),
            Err(_) => 0,
        })
        .sum()
}
