//! A computer as the doctor sees it.

use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::net::{Ipv4Addr, TcpListener, TcpStream, ToSocketAddrs};
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::platform::{self, System};
use crate::t;
use crate::transport::Cancel;
use crate::transport::local::Program;
use crate::workdir;

/// What a program said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// Whether it exited with 0.
    pub ok: bool,
    /// Both streams; standard output first.
    pub text: String,
}

/// A port of this computer, seen by a program that would listen there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Port {
    /// Nobody listens.
    Free,
    /// Another program listens.
    Taken,
    /// Nobody may: the system keeps it.
    Kept,
}

/// Where facts come from. What cannot be found out is `None`, never an error: a check that knows nothing finds
/// nothing.
pub trait Host: Sync {
    /// The operating system.
    fn os(&self) -> System;
    /// The processor's architecture, as Rust names it: `x86_64`, `aarch64`.
    fn arch(&self) -> String;
    /// What a program said; `None` where it is not installed.
    fn run(&self, program: &str, arguments: &[&str]) -> Option<Said>;
    /// What a script of `PowerShell` said; recordings know it by its name.
    fn powershell(&self, name: &str, script: &str) -> Option<Said>;
    /// The text of a file.
    fn read(&self, path: &str) -> Option<String>;
    /// The value of a variable.
    fn env(&self, name: &str) -> Option<String>;
    /// The folder of the lab.
    fn folder(&self) -> String;
    /// Who has a TCP port of this computer.
    fn port(&self, port: u16) -> Option<Port>;
    /// The first line that is said at a port of a host to whoever connects; not ok where nobody answers, with the reason.
    fn greeting(&self, host: &str, port: u16) -> Option<Said>;
    /// Who holds a lock, as its file says; `None` where nobody does.
    fn holder(&self, lock: &str) -> Option<Said>;
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
/// How long a host may take to answer: in one network it takes milliseconds.
const DIAL: Duration = Duration::from_secs(2);

impl Host for ThisHost<'_> {
    fn os(&self) -> System {
        System::HERE
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

    fn powershell(&self, _: &str, script: &str) -> Option<Said> {
        self.run(
            "powershell",
            &["-NoProfile", "-NonInteractive", "-Command", script],
        )
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

    fn port(&self, port: u16) -> Option<Port> {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            Ok(_) => Some(Port::Free),
            Err(error) if error.kind() == ErrorKind::AddrInUse => Some(Port::Taken),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => Some(Port::Kept),
            Err(_) => None,
        }
    }

    fn greeting(&self, host: &str, port: u16) -> Option<Said> {
        let greeted = || {
            let mut addresses = (host, port).to_socket_addrs()?;
            let address = addresses.next().ok_or(ErrorKind::NotFound)?;
            let stream = TcpStream::connect_timeout(&address, DIAL)?;
            stream.set_read_timeout(Some(DIAL))?;
            let mut line = String::new();
            // A server that waits for its client to begin says nothing, and answers all the same.
            let _ = BufReader::new(stream.take(256)).read_line(&mut line);
            Ok(line.trim_end().to_owned())
        };
        Some(match greeted() {
            Ok(text) => Said { ok: true, text },
            Err(error) => {
                let error: std::io::Error = error;
                let text = match error.kind() {
                    ErrorKind::ConnectionRefused => t!("refused.nothing-listens", host = host, port = port),
                    _ => error.to_string(),
                };
                Said { ok: false, text }
            }
        })
    }

    fn holder(&self, lock: &str) -> Option<Said> {
        workdir::lock_holder(Path::new(lock)).map(|text| Said { ok: true, text })
    }
}
