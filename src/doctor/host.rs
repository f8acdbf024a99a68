//! A computer as the doctor sees it.

use std::path::Path;
use std::time::Duration;

use crate::platform;
use crate::transport::Cancel;
use crate::transport::local::Program;

/// An operating system, as far as advice depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Os {
    /// Any Linux.
    Linux,
    /// macOS.
    Macos,
    /// Windows.
    Windows,
}

impl Os {
    /// Its name, as the keys of messages end with it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Linux => "linux",
            Self::Macos => "macos",
            Self::Windows => "windows",
        }
    }
}

/// What a program said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// Whether it exited with 0.
    pub ok: bool,
    /// Both streams; standard output first.
    pub text: String,
}

/// Where facts come from. What cannot be found out is `None`, never an error: a check that knows nothing finds
/// nothing.
pub trait Host {
    /// The operating system.
    fn os(&self) -> Os;
    /// The processor's architecture, as Rust names it: `x86_64`, `aarch64`.
    fn arch(&self) -> String;
    /// What a program said; `None` where it is not installed.
    fn run(&self, program: &str, arguments: &[&str]) -> Option<Said>;
    /// The text of a file.
    fn read(&self, path: &str) -> Option<String>;
    /// The value of a variable.
    fn env(&self, name: &str) -> Option<String>;
    /// The folder of the lab.
    fn folder(&self) -> String;
}

/// This computer.
#[derive(Debug)]
pub struct ThisHost<'a> {
    /// Stops programs that take too long for a user who has pressed Ctrl-C.
    pub cancel: &'a Cancel,
    /// The folder of the lab.
    pub folder: &'a Path,
}

/// How long a program may take: the slowest, Vagrant, takes two seconds.
const PATIENCE: Duration = Duration::from_secs(20);

impl Host for ThisHost<'_> {
    fn os(&self) -> Os {
        match std::env::consts::OS {
            "windows" => Os::Windows,
            "macos" => Os::Macos,
            _ => Os::Linux,
        }
    }

    fn arch(&self) -> String {
        std::env::consts::ARCH.to_owned()
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Option<Said> {
        let path = platform::program(&[program])?;
        let program = Program::new(path)
            .args(arguments)
            .env("LC_ALL", "C")
            .env("VAGRANT_CHECKPOINT_DISABLE", "1")
            .timeout(PATIENCE);
        let ended = program.run(self.cancel, &mut |_| {}).ok()?;
        let mut text = ended.stdout.clone();
        if !ended.ok() {
            text.push('\n');
            text.push_str(&ended.last_lines.join("\n"));
        }
        Some(Said { ok: ended.ok(), text })
    }

    fn read(&self, path: &str) -> Option<String> {
        std::fs::read_to_string(path).ok()
    }

    fn env(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn folder(&self) -> String {
        self.folder.display().to_string()
    }
}
