//! What went wrong, what to do next, and with which exit status kprov ends.

use std::fmt;
use std::path::Path;
use std::process::ExitCode;

use crate::t;

mod room;

/// How kprov ends. The numbers are part of the command line's contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: everything that was asked for is done.
    Done = 0,
    /// 1: a step failed.
    StepFailed = 1,
    /// 2: the config or the command line is wrong.
    Usage = 2,
    /// 3: this computer lacks something.
    Host = 3,
    /// 4: the cluster is up but failed verification.
    Verification = 4,
    /// 130: interrupted, as by Ctrl-C.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// An error as a user meets it: a sentence, where it came from, and what to do next.
#[derive(Debug, Clone)]
pub struct Error {
    /// The exit status that it leads to.
    pub exit: Exit,
    /// What is wrong and where, in one sentence; more lines may follow, already laid out.
    pub message: String,
    /// The last lines that a failed program wrote, or other proof.
    pub evidence: Vec<String>,
    /// Whether each line of the evidence is a story of its own, so that no one problem explains the error.
    pub several: bool,
    /// What the user does next, in the order of likelihood.
    pub hints: Vec<String>,
    /// The errors below this one, the nearest first.
    pub causes: Vec<String>,
}

/// A result whose error can be shown to a user.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error that ends kprov with `exit`.
    #[must_use]
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            evidence: Vec::new(),
            several: false,
            hints: Vec::new(),
            causes: Vec::new(),
        }
    }

    /// A step, or a program that it ran, failed.
    #[must_use]
    pub fn step(message: impl Into<String>) -> Self {
        Self::new(Exit::StepFailed, message)
    }

    /// The config or the command line is wrong.
    #[must_use]
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// This computer lacks something.
    #[must_use]
    pub fn host(message: impl Into<String>) -> Self {
        Self::new(Exit::Host, message)
    }

    /// The file system lets nobody write there, or has no room left.
    #[must_use]
    pub fn cannot_write(path: &Path, error: &(dyn std::error::Error + 'static)) -> Self {
        let (message, hints) = if room::is_lacking(error) {
            (t!("cli.disk-full", path = path.display()), room::hints())
        } else {
            let message = t!("cli.cannot-write", path = path.display());
            (message, vec![t!("cli.cannot-write-hint")])
        };
        let error = Self::host(message).cause(error);
        hints.into_iter().fold(error, Self::hint)
    }

    /// A file of this computer cannot be read.
    #[must_use]
    pub fn cannot_read(path: &Path, error: &dyn std::error::Error) -> Self {
        Self::host(t!("cli.cannot-read", path = path.display()))
            .cause(error)
            .hint(t!("cli.cannot-read-hint"))
    }

    /// Ends kprov with another exit status.
    #[must_use]
    pub fn exits(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }

    /// Adds what the user does next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds what was seen, line by line.
    #[must_use]
    pub fn evidence<S: Into<String>>(mut self, lines: impl IntoIterator<Item = S>) -> Self {
        self.evidence.extend(lines.into_iter().map(Into::into));
        self
    }

    /// Adds reasons, each a line and each for itself.
    #[must_use]
    pub fn reasons<S: Into<String>>(mut self, lines: impl IntoIterator<Item = S>) -> Self {
        self.several = true;
        self.evidence(lines)
    }

    /// Adds the error below this one, with its own causes.
    #[must_use]
    pub fn cause(mut self, cause: &dyn std::error::Error) -> Self {
        let mut next = Some(cause);
        while let Some(error) = next {
            self.causes.push(error.to_string());
            next = error.source();
        }
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
