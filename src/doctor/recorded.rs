//! A computer in a file: what its programs, files and ports said when the doctor looked at it.
//!
//! `kprov doctor --record FILE` writes one, for a teacher who sits elsewhere; `--recorded FILE` examines it there. The
//! computers that the doctor is tested with have the same form.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::{Finding, Host, Port, Said};
use crate::platform::System;

/// What a computer said, and what was found on it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recorded {
    os: System,
    arch: String,
    folder: String,
    /// The ids of what was found, the worst first.
    pub expected: Vec<String>,
    /// The text of the config that it was examined for.
    pub cluster: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    env: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    files: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    ports: BTreeMap<String, Port>,
    #[serde(default)]
    command: Vec<Command>,
}

/// A program with its arguments, `powershell NAME` for a script of kprov's, `connect HOST:PORT`, or `lock FILE`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Command {
    call: String,
    status: i32,
    says: String,
}

impl Recorded {
    /// Reads a recording.
    ///
    /// # Errors
    /// When the text is none.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// The recording as text.
    ///
    /// # Errors
    /// Never for what a computer says.
    pub fn to_text(&self) -> Result<String, toml::ser::Error> {
        toml::to_string_pretty(self)
    }

    fn said(&self, call: &str) -> Option<Said> {
        let command = self.command.iter().find(|command| command.call == call)?;
        Some(Said {
            ok: command.status == 0,
            text: command.says.clone(),
        })
    }
}

/// A program with its arguments, as a recording has it.
pub(super) fn call(program: &str, arguments: &[&str]) -> String {
    let words: Vec<&str> = std::iter::once(program)
        .chain(arguments.iter().copied())
        .collect();
    words.join(" ")
}

fn connect(host: &str, port: u16) -> String {
    format!("connect {host}:{port}")
}

fn lock(file: &str) -> String {
    format!("lock {file}")
}

impl Host for Recorded {
    fn os(&self) -> System {
        self.os
    }

    fn arch(&self) -> String {
        self.arch.clone()
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Option<Said> {
        self.said(&call(program, arguments))
    }

    fn powershell(&self, name: &str, _: &str) -> Option<Said> {
        self.said(&call("powershell", &[name]))
    }

    fn read(&self, path: &str) -> Option<String> {
        self.files.get(path).cloned()
    }

    fn env(&self, name: &str) -> Option<String> {
        self.env.get(name).cloned()
    }

    fn folder(&self) -> String {
        self.folder.clone()
    }

    fn port(&self, port: u16) -> Option<Port> {
        self.ports.get(&port.to_string()).copied()
    }

    fn greeting(&self, host: &str, port: u16) -> Option<Said> {
        self.said(&connect(host, port))
    }

    fn holder(&self, file: &str) -> Option<Said> {
        self.said(&lock(file))
    }
}

/// A computer that is examined while all that it says is written down.
pub struct Recorder<'a> {
    host: &'a dyn Host,
    seen: Mutex<Recorded>,
}

impl<'a> Recorder<'a> {
    /// Begins with a computer and the text of the config that it is examined for.
    #[must_use]
    pub fn new(host: &'a dyn Host, cluster: &str) -> Self {
        let seen = Recorded {
            os: host.os(),
            arch: host.arch(),
            folder: host.folder(),
            expected: Vec::new(),
            cluster: cluster.to_owned(),
            env: BTreeMap::new(),
            files: BTreeMap::new(),
            ports: BTreeMap::new(),
            command: Vec::new(),
        };
        Self {
            host,
            seen: Mutex::new(seen),
        }
    }

    /// What was seen, with what was found.
    #[must_use]
    pub fn finish(self, findings: &[Finding]) -> Recorded {
        let mut seen = self.seen.into_inner().unwrap_or_else(PoisonError::into_inner);
        seen.expected = findings.iter().map(|finding| finding.id.to_owned()).collect();
        seen.command.sort_by(|one, other| one.call.cmp(&other.call));
        seen
    }

    fn note(&self, write: impl FnOnce(&mut Recorded)) {
        write(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn note_command(&self, call: String, said: Option<Said>) -> Option<Said> {
        let said = said?;
        self.note(|seen| {
            if seen.command.iter().all(|command| command.call != call) {
                seen.command.push(Command {
                    call,
                    status: i32::from(!said.ok),
                    says: said.text.clone(),
                });
            }
        });
        Some(said)
    }
}

impl Host for Recorder<'_> {
    fn os(&self) -> System {
        self.host.os()
    }

    fn arch(&self) -> String {
        self.host.arch()
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Option<Said> {
        self.note_command(call(program, arguments), self.host.run(program, arguments))
    }

    fn powershell(&self, name: &str, script: &str) -> Option<Said> {
        self.note_command(call("powershell", &[name]), self.host.powershell(name, script))
    }

    fn read(&self, path: &str) -> Option<String> {
        let text = self.host.read(path)?;
        self.note(|seen| {
            seen.files.insert(path.to_owned(), text.clone());
        });
        Some(text)
    }

    fn env(&self, name: &str) -> Option<String> {
        let value = self.host.env(name)?;
        self.note(|seen| {
            seen.env.insert(name.to_owned(), value.clone());
        });
        Some(value)
    }

    fn folder(&self) -> String {
        self.host.folder()
    }

    fn port(&self, port: u16) -> Option<Port> {
        let state = self.host.port(port)?;
        self.note(|seen| {
            seen.ports.insert(port.to_string(), state);
        });
        Some(state)
    }

    fn greeting(&self, host: &str, port: u16) -> Option<Said> {
        self.note_command(connect(host, port), self.host.greeting(host, port))
    }

    fn holder(&self, file: &str) -> Option<Said> {
        self.note_command(lock(file), self.host.holder(file))
    }
}
