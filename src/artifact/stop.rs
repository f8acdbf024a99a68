//! Long work that somebody may want to end: with Ctrl-C, or because something else failed.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Write};
use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::error::{Error, Exit};
use crate::t;

/// Between two looks at a lock that another kprov holds.
const PAUSE: Duration = Duration::from_millis(100);

/// It was ended before it was done.
pub(crate) fn interrupted() -> Error {
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

/// Reads or writes on until it is time to stop, which is an error then.
pub(crate) struct Until<'a, T> {
    pub inner: T,
    pub stop: &'a dyn Fn() -> bool,
}

impl<T> Until<'_, T> {
    fn go_on(&self) -> io::Result<()> {
        if (self.stop)() {
            // Of what was interrupted readers think that it goes on.
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(())
    }
}

impl<R: Read> Read for Until<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.go_on()?;
        self.inner.read(buffer)
    }
}

impl<W: Write> Write for Until<'_, W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.go_on()?;
        self.inner.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
