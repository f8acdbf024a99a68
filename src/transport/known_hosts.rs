//! Pinned host keys, in a file that OpenSSH reads as well.
//!
//! The key of a host that was never seen is pinned; a key that changed is an error, never ignored. Only
//! whoever makes a machine anew may forget its key.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// The pinned keys of one cluster's hosts; shared by all its connections.
#[derive(Debug, Clone)]
pub struct KnownHosts {
    file: PathBuf,
    keys: Arc<Mutex<BTreeMap<String, String>>>,
}

/// What came of showing a key.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is the pinned one, or now is.
    Trusted,
    /// Another one is pinned.
    Changed,
}

impl KnownHosts {
    /// Reads the pinned keys; a file that does not exist holds none.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn open(file: &Path) -> io::Result<Self> {
        let text = match fs::read_to_string(file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            other => other?,
        };
        let keys = text
            .lines()
            .filter_map(|line| line.split_once(' '))
            .map(|(host, key)| (host.to_owned(), key.to_owned()))
            .collect();
        Ok(Self {
            file: file.to_owned(),
            keys: Arc::new(Mutex::new(keys)),
        })
    }

    /// The file, for `ssh -o UserKnownHostsFile=`.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The kind of key that is pinned for a host, such as `ssh-ed25519`: the one to ask the host for.
    pub(super) fn kind(&self, host: &str, port: u16) -> Option<String> {
        let keys = self.keys.lock().ok()?;
        keys.get(&entry(host, port))?.split(' ').next().map(str::to_owned)
    }

    /// Pins the key of a host that has none, compares it otherwise.
    pub(super) fn check(&self, host: &str, port: u16, kind: &str, key: &[u8]) -> io::Result<Verdict> {
        let line = format!("{kind} {}", BASE64_STANDARD.encode(key));
        let mut keys = self.keys.lock().map_err(|_| io::Error::other("poisoned"))?;
        match keys.get(&entry(host, port)) {
            Some(pinned) if *pinned == line => Ok(Verdict::Trusted),
            Some(_) => Ok(Verdict::Changed),
            None => {
                keys.insert(entry(host, port), line);
                self.save(&keys)?;
                Ok(Verdict::Trusted)
            }
        }
    }

    /// Forgets the key of a host whose machine was made anew.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn forget(&self, host: &str, port: u16) -> io::Result<()> {
        let mut keys = self.keys.lock().map_err(|_| io::Error::other("poisoned"))?;
        match keys.remove(&entry(host, port)) {
            Some(_) => self.save(&keys),
            None => Ok(()),
        }
    }

    fn save(&self, keys: &BTreeMap<String, String>) -> io::Result<()> {
        let mut text = String::new();
        for (host, key) in keys {
            let _ = writeln!(text, "{host} {key}");
        }
        crate::workdir::write_private(&self.file, text.as_bytes())
    }
}

/// How OpenSSH names a host in its file.
fn entry(host: &str, port: u16) -> String {
    if port == 22 {
        host.to_owned()
    } else {
        format!("[{host}]:{port}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_pinned_once_and_a_change_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("known_hosts");
        let hosts = KnownHosts::open(&file).unwrap();
        assert_eq!(
            hosts.check("10.0.0.1", 22, "ssh-ed25519", b"one").unwrap(),
            Verdict::Trusted
        );
        assert_eq!(
            hosts.check("10.0.0.1", 2222, "ssh-rsa", b"two").unwrap(),
            Verdict::Trusted
        );

        let again = KnownHosts::open(&file).unwrap();
        assert_eq!(again.kind("10.0.0.1", 2222).as_deref(), Some("ssh-rsa"));
        assert_eq!(
            again.check("10.0.0.1", 22, "ssh-ed25519", b"one").unwrap(),
            Verdict::Trusted
        );
        assert_eq!(
            again.check("10.0.0.1", 22, "ssh-ed25519", b"other").unwrap(),
            Verdict::Changed
        );

        again.forget("10.0.0.1", 22).unwrap();
        assert_eq!(
            again.check("10.0.0.1", 22, "ssh-ed25519", b"other").unwrap(),
            Verdict::Trusted
        );
    }
}
