//! Long work that somebody may want to end: with Ctrl-C, or because something else failed.

use std::fs::{File, TryLockError};
use std::io::{self, Read};
use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::error::{Error, Exit};
use crate::t;

/// Between two looks at a lock that another kprov holds.
const PAUSE: Duration = Duration::from_millis(100);

/// It was ended before it was done.
pub(super) fn interrupted() -> Error {
    Error::new(Exit::Interrupted, t!("artifact.interrupted"))
}

/// Locks a file, which is made, for as long as it is open. Another kprov that holds it is waited for; `None` when it
/// is time to stop.
pub(super) fn locked(path: &Path, stop: &dyn Fn() -> bool) -> io::Result<Option<File>> {
    let file = File::options()
        .create(true)
        .write(true)
        .truncate(false)
        .open(path)?;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if stop() => return Ok(None),
            Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
        }
    }
}

/// Reads on until it is time to stop, which is an error then.
pub(super) struct Until<'a, R> {
    pub inner: R,
    pub stop: &'a dyn Fn() -> bool,
}

impl<R: Read> Read for Until<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if (self.stop)() {
            // Of what was interrupted readers think that it goes on.
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.inner.read(buffer)
    }
}
