//! One file on its way into the cache: resumed, verified, moved into place at once.

use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};

use super::sum;
use super::web::{Fault, Pauses, Reply};
use crate::artifact::stop::{interrupted, locked};
use crate::error::Error;
use crate::t;
use crate::workdir;

/// How often a cut connection is taken up again, however far each one came.
const RESUMPTIONS: usize = 50;

/// How far a download is, in bytes.
#[derive(Debug, Default)]
pub(super) struct Meter {
    done: AtomicU64,
    total: AtomicU64,
}

impl Meter {
    /// Of a file whose size is known beforehand.
    pub(super) fn expecting(total: u64) -> Self {
        Self {
            total: total.into(),
            ..Self::default()
        }
    }

    pub(super) fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// 0 as long as it is not known.
    pub(super) fn total(&self) -> u64 {
        self.total.load(Ordering::Relaxed).max(self.done())
    }
}

/// A file that is to be in the cache.
pub(super) struct Blob<'a> {
    /// Asks once for its bytes from a place on.
    pub source: &'a dyn Fn(u64) -> Result<Reply, Fault>,
    pub sum: &'a str,
    /// Where it lies in the cache.
    pub path: PathBuf,
    pub meter: &'a Meter,
    pub stop: &'a dyn Fn() -> bool,
}

/// Why it is not there.
pub(super) enum Failure {
    /// This computer could not keep it, or the user asked to stop.
    Here(Error),
    /// It could not be had; in words.
    There(String),
    /// Something else came, with this sum; nothing of it was kept.
    Wrong(String),
}

/// What is there of a file.
struct Part {
    file: File,
    hash: Sha256,
    length: u64,
}

impl Blob<'_> {
    /// Makes it be there. Another kprov that fetches it too is waited for.
    pub(super) fn fetch(&self) -> Result<(), Failure> {
        let parent = self.path.parent().unwrap_or(Path::new("."));
        workdir::private_dir(parent).map_err(|error| here(parent, &error))?;
        let _lock = self.lock()?;
        if self.path.is_file() {
            return Ok(());
        }
        let path = self.path.with_extension("part");
        let unwritable = |error: io::Error| here(&path, &error);
        let mut part = Part::open(&path).map_err(unwritable)?;
        let mut from_before = part.length > 0;
        while part.sum() != self.sum {
            self.fill(&mut part).map_err(|stopped| match stopped {
                Stopped::Cancelled => Failure::Here(interrupted()),
                Stopped::Unwritable(error) => here(&path, &error),
                Stopped::Fault(why) => Failure::There(why),
            })?;
            let found = part.sum();
            if found == self.sum {
                break;
            }
            part.clear().map_err(unwritable)?;
            // What an earlier run left need not have been of this file's making: once more, all of it.
            if !std::mem::take(&mut from_before) {
                drop(part);
                let _ = fs::remove_file(&path);
                return Err(Failure::Wrong(found));
            }
        }
        part.file.sync_all().map_err(unwritable)?;
        drop(part);
        fs::rename(&path, &self.path).map_err(|error| here(&self.path, &error))
    }

    fn lock(&self) -> Result<File, Failure> {
        let path = self.path.with_extension("lock");
        let lock = locked(&path, self.stop).map_err(|error| here(&path, &error))?;
        lock.ok_or_else(|| Failure::Here(interrupted()))
    }

    /// Downloads what is missing, and takes up the connection again when it is cut.
    fn fill(&self, part: &mut Part) -> Result<(), Stopped> {
        let mut pauses = Pauses::default();
        for _ in 0..RESUMPTIONS {
            let before = part.length;
            let fault = match (self.source)(part.length) {
                Ok(reply) => match self.receive(part, reply) {
                    Ok(()) => return Ok(()),
                    Err(Stopped::Fault(why)) => Fault::Passing(why),
                    Err(other) => return Err(other),
                },
                Err(fault) => fault,
            };
            if part.length > before {
                pauses = Pauses::default();
            }
            match fault {
                Fault::Final(why) | Fault::Denied { why, .. } => return Err(Stopped::Fault(why)),
                Fault::Passing(why) => {
                    if !pauses.pause(self.stop) {
                        return Err(if (self.stop)() {
                            Stopped::Cancelled
                        } else {
                            Stopped::Fault(why)
                        });
                    }
                }
            }
        }
        Err(Stopped::Fault(t!("artifact.cut", times = RESUMPTIONS)))
    }

    fn receive(&self, part: &mut Part, mut reply: Reply) -> Result<(), Stopped> {
        if reply.from != part.length {
            part.clear().map_err(Stopped::Unwritable)?;
        }
        let end = reply.length.map(|length| reply.from + length);
        self.meter.total.store(end.unwrap_or(0), Ordering::Relaxed);
        let mut buffer = vec![0; 1 << 16];
        loop {
            self.meter.done.store(part.length, Ordering::Relaxed);
            if (self.stop)() {
                return Err(Stopped::Cancelled);
            }
            match reply.body.read(&mut buffer) {
                Ok(0) if end.is_some_and(|end| part.length < end) => {
                    return Err(Stopped::Fault(t!("artifact.ended-early")));
                }
                Ok(0) => return Ok(()),
                Ok(read) => part.add(&buffer[..read]).map_err(Stopped::Unwritable)?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Stopped::Fault(error.to_string())),
            }
        }
    }
}

/// Why a file was not received to its end.
enum Stopped {
    Cancelled,
    Unwritable(io::Error),
    Fault(String),
}

impl Part {
    fn open(path: &Path) -> io::Result<Self> {
        let mut file = File::options()
            .create(true)
            .read(true)
            .write(true)
            .truncate(false)
            .open(path)?;
        let mut hash = Sha256::new();
        let length = sum::add(&mut hash, &mut file)?;
        Ok(Self { file, hash, length })
    }

    fn add(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.hash.update(bytes);
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// The sum of what is there.
    fn sum(&self) -> String {
        sum::hex(&self.hash.clone().finalize())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.hash = Sha256::new();
        self.length = 0;
        Ok(())
    }
}

pub(super) fn cannot_write(path: &Path, error: &io::Error) -> Error {
    Error::cannot_write(path, error).hint(t!("artifact.cannot-write-hint"))
}

fn here(path: &Path, error: &io::Error) -> Failure {
    Failure::Here(cannot_write(path, error))
}
