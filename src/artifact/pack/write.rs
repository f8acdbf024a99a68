//! Writing a pack: one `.tar.zst`, in one go, and under its name only when all of it is there.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::contents::Contents;
use super::{Entry, FORMAT, LIST};
use crate::artifact::stop::{Until, interrupted};
use crate::artifact::{Watch, sum};
use crate::error::{Error, Result};

/// What the name of a file begins with that is being written.
const WRITING: &str = ".kprov-pack-";

/// A file that is to be in a pack.
pub struct Item {
    /// What the list says of it. Its sum is found out while it is written.
    pub entry: Entry,
    /// Its bytes, as many as the entry's size.
    pub reader: Box<dyn Read>,
}

/// Writes a pack for a version of Kubernetes and returns its list. Items are made when their turn comes; `total` bytes
/// are expected of all of them.
///
/// # Errors
/// What kept an item from being made or the file from being written; then there is no file of that name, or still the
/// old one.
pub fn write(
    output: &Path,
    kubernetes: &str,
    items: impl Iterator<Item = Result<Item>>,
    total: u64,
    watch: &mut Watch,
) -> Result<Vec<Entry>> {
    let stop = watch.stop;
    let mut done = 0;
    let unwritable = |error: io::Error| Error::cannot_write(output, &error);
    let dir = match output.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    };
    fs::create_dir_all(dir).map_err(unwritable)?;
    remove_torn(dir);
    let scratch = tempfile::Builder::new()
        .prefix(WRITING)
        .tempfile_in(dir)
        .map_err(unwritable)?;
    // Where there are no locks, another kprov cannot take one either.
    let _ = scratch.as_file().try_lock();
    let file = scratch.as_file().try_clone().map_err(unwritable)?;
    let buffer = BufWriter::with_capacity(1 << 20, file);
    // Most of it is compressed already; more effort gains nothing.
    let zstd = zstd::Encoder::new(buffer, 1).map_err(unwritable)?;
    let mut tar = tar::Builder::new(zstd);
    let mut files = Vec::new();
    for item in items {
        let Item { mut entry, reader } = item?;
        let mut hashing = Hashing {
            inner: Until { inner: reader, stop },
            hash: Sha256::new(),
            told: &mut |read| {
                done += read;
                (watch.progress)(done, total.max(done));
            },
        };
        let written = append(&mut tar, &entry.path, entry.size, &mut hashing);
        if stop() {
            return Err(interrupted());
        }
        written.map_err(unwritable)?;
        entry.sha256 = sum::hex(&hashing.hash.finalize());
        files.push(entry);
    }
    let contents = Contents {
        format: FORMAT,
        kubernetes: kubernetes.to_owned(),
        files,
    };
    let list = toml::to_string(&contents).map_err(|error| unwritable(io::Error::other(error)))?;
    append(&mut tar, LIST, list.len() as u64, &mut list.as_bytes()).map_err(unwritable)?;
    let finish = || -> io::Result<()> {
        let mut buffer = tar.into_inner()?.finish()?;
        buffer.flush()?;
        drop(buffer);
        scratch.as_file().sync_all()?;
        // A pack is for others, and there is no secret in it.
        crate::platform::open_to_all(scratch.as_file())?;
        scratch.persist(output)?;
        Ok(())
    };
    finish().map_err(unwritable)?;
    Ok(contents.files)
}

/// Removes what kprovs that were killed left half written; those that are at work have theirs locked.
fn remove_torn(dir: &Path) {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(WRITING)) {
        let file = File::options().write(true).open(entry.path());
        if file.is_ok_and(|file| file.try_lock().is_ok()) {
            // It only takes room.
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn append(
    tar: &mut tar::Builder<impl Write>,
    path: &str,
    size: u64,
    reader: &mut dyn Read,
) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(size);
    header.set_mode(0o644);
    header.set_mtime(0);
    header.set_entry_type(tar::EntryType::Regular);
    let mut exact = Exact { reader, left: size };
    tar.append_data(&mut header, path, &mut exact)?;
    // A file that became shorter meanwhile would shift all that follows.
    if exact.left > 0 {
        Err(io::ErrorKind::UnexpectedEof.into())
    } else {
        Ok(())
    }
}

/// As many bytes as were promised, and no more.
struct Exact<'a> {
    reader: &'a mut dyn Read,
    left: u64,
}

impl Read for Exact<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let read = self.reader.read(&mut buffer[..most])?;
        self.left -= read as u64;
        Ok(read)
    }
}

/// Sums up what is read, and tells how much it is.
struct Hashing<'a> {
    inner: Until<'a, Box<dyn Read>>,
    hash: Sha256,
    told: &'a mut dyn FnMut(u64),
}

impl Read for Hashing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hash.update(&buffer[..read]);
        (self.told)(read as u64);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_kprov_left_half_written_goes() {
        let dir = tempfile::tempdir().unwrap();
        let at_work = File::create(dir.path().join(".kprov-pack-two")).unwrap();
        at_work.lock().unwrap();
        fs::write(dir.path().join(".kprov-pack-one"), "half of it").unwrap();
        let output = dir.path().join("pack.tar.zst");
        let watch = &mut Watch {
            stop: &|| false,
            progress: &mut |_, _| {},
        };
        write(&output, "1.20.2", std::iter::empty(), 0, watch).unwrap();
        let names = fs::read_dir(dir.path()).unwrap().flatten();
        let mut names: Vec<_> = names.map(|entry| entry.file_name()).collect();
        names.sort();
        assert_eq!(names, [".kprov-pack-two", "pack.tar.zst"]);
    }
}
