//! Running a command somewhere: on a node over SSH, or on this computer.
//!
//! There is one verb, [`Transport::exec`]. Files reach a node through the standard input of a command.

use std::io::{self, ErrorKind, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::t;

pub mod http;
mod known_hosts;
mod last_lines;
pub mod local;
mod shell;
mod ssh;

pub use known_hosts::KnownHosts;
pub use shell::Shell;
pub use ssh::{ConnectError, Credentials, Endpoint, connect};

/// Set once by Ctrl-C; whoever waits looks at it.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Asks everybody to stop.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether to stop.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// Sleeps, but not longer than until a stop is asked for. Returns whether it is.
    #[must_use]
    pub fn sleep(&self, time: Duration) -> bool {
        let slice = Duration::from_millis(50);
        let mut left = time;
        while !left.is_zero() && !self.is_cancelled() {
            std::thread::sleep(left.min(slice));
            left = left.saturating_sub(slice);
        }
        self.is_cancelled()
    }
}

/// What is sent to a command on its standard input after its script.
pub struct Payload {
    /// The bytes.
    pub reader: Box<dyn Read + Send>,
    /// How many they are.
    pub size: u64,
}

/// Hears what an exec says, line by line, and how far its payload is.
pub trait Hearer {
    /// A line of output, without its end.
    fn line(&mut self, line: &str);
    /// Bytes of the payload sent so far, and in all.
    fn progress(&mut self, done: u64, total: u64);
}

/// Why an exec has no exit status.
#[derive(Debug, thiserror::Error)]
pub enum Lost {
    /// The user asked to stop.
    #[error("{}", t!("transport.interrupted"))]
    Cancelled,
    /// The connection broke, or could not be made.
    #[error("{0}")]
    Connection(String),
    /// The artifact could not be read.
    #[error("{0}")]
    Payload(std::io::Error),
}

/// What the system says of a connection, in words for people where they are known. Its numbers are for nobody.
fn in_words(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::TimedOut | ErrorKind::WouldBlock => t!("transport.timed-out"),
        ErrorKind::ConnectionRefused => t!("transport.refused"),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => t!("transport.no-way"),
        ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe
        | ErrorKind::UnexpectedEof => t!("transport.closed"),
        _ => error.to_string(),
    }
}

/// What is the matter with somebody, as a message, so that logs have it in English.
fn of(whom: impl std::fmt::Display, reason: &str) -> String {
    t!("transport.of", whom = whom, reason = reason)
}

/// A way to run commands on one host. One command at a time.
pub trait Transport: Send {
    /// Runs a bash script as root, with `payload` behind it on standard input, until it ends.
    ///
    /// The script is nowhere to be seen on the host: not in the process list and not in a file.
    /// Standard output and error come to `hearer` as one stream of lines.
    ///
    /// # Errors
    /// When there is no exit status: the user interrupted, or the connection was lost.
    fn exec(
        &mut self,
        script: &str,
        payload: Option<Payload>,
        hearer: &mut dyn Hearer,
        cancel: &Cancel,
    ) -> Result<i32, Lost>;
}
