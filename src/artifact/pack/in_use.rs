//! Folders of the cache that belong to packs: somebody who works with one holds it, and what nobody holds may go.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::platform;

/// The ending of the file beside a folder that is locked as long as somebody uses the folder.
const IN_USE: &str = "in-use";
/// What the name of a folder begins with in which a pack is being made.
const MAKING: &str = "making-";

/// Where packs have their folders.
pub(super) fn root() -> PathBuf {
    platform::cache().join("packs")
}

/// Keeps a folder from being removed, as long as the file is open. Where the cache cannot be written to, nobody can
/// remove it either.
pub(super) fn hold(dir: &Path) -> Option<File> {
    let file = File::options()
        .create(true)
        .write(true)
        .truncate(false)
        .open(dir.with_extension(IN_USE))
        .ok()?;
    file.lock_shared().ok()?;
    Some(file)
}

/// Removes a folder unless somebody holds it; whether nobody does.
pub(super) fn remove(dir: &Path) -> bool {
    let in_use = dir.with_extension(IN_USE);
    let file = File::options().write(true).open(&in_use);
    match &file {
        Ok(file) if file.try_lock().is_err() => return false,
        Err(error) if error.kind() != io::ErrorKind::NotFound => return false,
        _ => {}
    }
    // What cannot be removed only takes room.
    let _ = fs::remove_dir_all(dir);
    let _ = fs::remove_file(in_use);
    true
}

/// A folder for what has to be there before a pack can be written: gigabytes, for which the system's own folder for
/// such things may be too small. It goes with this value.
#[derive(Debug)]
pub struct Scratch {
    // In this order, as on Windows what is open stays.
    held: Option<File>,
    dir: TempDir,
}

impl Scratch {
    /// Makes one, and removes those of kprovs that were killed.
    ///
    /// # Errors
    /// When the cache cannot be written to.
    pub fn new() -> io::Result<Self> {
        let root = root();
        crate::workdir::private_dir(&root)?;
        for entry in fs::read_dir(&root)?.flatten() {
            let path = entry.path();
            let is_mark = path.extension() == Some(OsStr::new(IN_USE));
            if is_mark && entry.file_name().to_string_lossy().starts_with(MAKING) {
                remove(&path.with_extension(""));
            }
        }
        let dir = tempfile::Builder::new().prefix(MAKING).tempdir_in(&root)?;
        Ok(Self {
            held: hold(dir.path()),
            dir,
        })
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.dir.path()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(self.held.take());
        let _ = fs::remove_file(self.dir.path().with_extension(IN_USE));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_kprov_left_goes_and_what_is_in_use_stays() {
        let mut killed = Scratch::new().unwrap();
        let left = killed.path().to_owned();
        fs::write(left.join("machine.box"), "half of it").unwrap();
        let other = Scratch::new().unwrap();
        assert!(left.exists(), "another one was at work there");
        // As the system does for one that is killed.
        drop(killed.held.take());
        let next = Scratch::new().unwrap();
        assert!(!left.exists() && other.path().exists());
        let marks = [&other, &next].map(|scratch| scratch.path().with_extension(IN_USE));
        assert!(marks.iter().all(|mark| mark.exists()));
        drop((other, next));
        assert!(
            marks
                .iter()
                .all(|mark| !mark.exists() && !mark.with_extension("").exists())
        );
    }
}
