//! `.kprov/CLUSTER/` beside the config file: what kprov keeps of a cluster on this computer.
//!
//! Losing it loses no cluster: it holds rendered files, keys, pinned host keys, the kubeconfig, logs and the
//! lock, and `kprov up` makes it anew. It is readable by its owner only, and a file in it is whole or absent.

use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::names::ClusterName;
use crate::platform;
use crate::t;

/// The state directory of one cluster.
#[derive(Debug, Clone)]
pub struct Workdir {
    root: PathBuf,
}

/// Held for as long as a command changes the cluster; released by the operating system if kprov dies.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Workdir {
    /// The state directory of `cluster` beside `config`; nothing is made yet.
    #[must_use]
    pub fn of(config: &Path, cluster: &ClusterName) -> Self {
        let beside = config
            .parent()
            .filter(|dir| !dir.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        let beside = std::path::absolute(beside).unwrap_or_else(|_| beside.to_owned());
        Self::at(beside.join(".kprov").join(cluster.as_str()))
    }

    /// A state directory somewhere else: of a cluster that has no config; nothing is made yet.
    #[must_use]
    pub fn at(root: PathBuf) -> Self {
        Self { root }
    }

    /// The directory itself, absolute.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A file or folder in it.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// The other clusters that were made beside this one, with their names.
    #[must_use]
    pub fn others(&self) -> Vec<(String, Self)> {
        let beside = self.root.parent().and_then(|dir| fs::read_dir(dir).ok());
        let mut others: Vec<_> = beside
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| *path != self.root && path.join("provider").is_file())
            .filter_map(|root| Some((root.file_name()?.to_str()?.to_owned(), Self { root })))
            .collect();
        others.sort_by(|a, b| a.0.cmp(&b.0));
        others
    }

    /// Whether anything of the cluster is kept here.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.root.is_dir()
    }

    /// The text of a file in it; `None` when there is none.
    #[must_use]
    pub fn read(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.path(name)).ok()
    }

    /// Makes the directory, mode 0700 where the system has modes.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn create(&self) -> Result<()> {
        private_dir(&self.root).map_err(|error| Error::cannot_write(&self.root, &error))
    }

    /// Writes a file in it, mode 0600, at once or not at all; a file that holds just that is left alone.
    /// Returns whether it was written.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn write(&self, name: &str, content: &str) -> Result<bool> {
        let path = self.path(name);
        if fs::read(&path).is_ok_and(|old| old == content.as_bytes()) {
            return Ok(false);
        }
        write_private(&path, content.as_bytes()).map_err(|error| Error::cannot_write(&path, &error))?;
        Ok(true)
    }

    /// Removes a file in it, if it is there.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn forget(&self, name: &str) -> Result<()> {
        let path = self.path(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::cannot_write(&path, &error)),
            _ => Ok(()),
        }
    }

    /// A fresh directory for the log of a run, named by the time in UTC, so that names sort by age.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn new_run(&self, command: &str) -> Result<PathBuf> {
        let now = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%S%3f");
        let path = self.root.join("runs").join(format!("{now}-{command}"));
        private_dir(&path).map_err(|error| Error::cannot_write(&path, &error))?;
        self.forget_old_runs();
        Ok(path)
    }

    /// Takes the lock of this cluster.
    ///
    /// # Errors
    /// When another kprov holds it: the message says which.
    pub fn lock(&self, command: &str) -> Result<Lock> {
        let path = self.path("lock");
        let mut file = File::options()
            .create(true)
            .read(true)
            .write(true)
            .truncate(false)
            .open(&path)
            .map_err(|error| Error::cannot_write(&path, &error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // On Windows a locked file cannot be read; the message then has no name in it.
                let _ = file.read_to_string(&mut holder);
                return Err(Error::new(
                    crate::error::Exit::StepFailed,
                    t!("cli.locked", holder = holder.trim(), file = path.display()),
                )
                .hint(t!("cli.locked-hint")));
            }
            Err(fs::TryLockError::Error(error)) => return Err(Error::cannot_write(&path, &error)),
        }
        let now = jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M:%S UTC");
        let holder = format!("kprov {command}, pid {}, since {now}\n", std::process::id());
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(holder.as_bytes()))
            .map_err(|error| Error::cannot_write(&path, &error))?;
        Ok(Lock { _file: file })
    }

    /// Removes the directory and everything in it, and `.kprov` if that is empty then.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn remove(&self) -> Result<()> {
        match fs::remove_dir_all(&self.root) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Error::cannot_write(&self.root, &error));
            }
            _ => {}
        }
        if let Some(parent) = self.root.parent() {
            // It may hold another cluster.
            let _ = fs::remove_dir(parent);
        }
        Ok(())
    }

    /// Logs are for looking at the last runs, not for ever: the newest 20 stay.
    fn forget_old_runs(&self) {
        let mut runs: Vec<PathBuf> = fs::read_dir(self.root.join("runs"))
            .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
            .unwrap_or_default();
        runs.sort();
        for old in runs.iter().rev().skip(20) {
            let _ = fs::remove_dir_all(old);
        }
    }
}

/// Who holds the lock of this file; `None` where nobody does. What a kprov that was killed held is free again.
#[must_use]
pub fn lock_holder(file: &Path) -> Option<String> {
    let mut file = File::open(file).ok()?;
    match file.try_lock_shared() {
        Err(fs::TryLockError::WouldBlock) => {
            let mut holder = String::new();
            // On Windows a locked file cannot be read.
            let _ = file.read_to_string(&mut holder);
            Some(holder.trim().to_owned())
        }
        _ => None,
    }
}

/// Makes a directory and its parents, each readable by its owner only.
///
/// # Errors
/// When the file system refuses.
pub fn private_dir(path: &Path) -> io::Result<()> {
    platform::make_private_dir(path)
}

/// Writes a file that only its owner may read: whole or not at all, and safe against a power cut.
///
/// # Errors
/// When the file system refuses.
pub fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let dir = path.parent().unwrap_or(Path::new("."));
    private_dir(dir)?;
    // A temporary file is made with mode 0600, and on Windows has the access list of its directory.
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// Writes a file of the user's anew: whole, or the old one stays. Who may read it does not change, and a link goes on
/// leading to it.
///
/// # Errors
/// When there is no such file, or the file system refuses.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let path = fs::canonicalize(path)?;
    let permissions = fs::metadata(&path)?.permissions();
    let mut file = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
    file.write_all(content)?;
    file.as_file().set_permissions(permissions)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_file_that_is_replaced_stays_what_it_was_to_others() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let dir = tempfile::tempdir().unwrap();
        let [file, link] = ["file", "link"].map(|name| dir.path().join(name));
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&file, &link).unwrap();
        replace(&link, b"new").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert!(replace(&dir.path().join("none"), b"").is_err());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
    }

    fn workdir(dir: &Path) -> Workdir {
        let workdir = Workdir::of(&dir.join("cluster.toml"), &ClusterName::new("lab").unwrap());
        workdir.create().unwrap();
        workdir
    }

    #[test]
    fn a_second_lock_names_the_holder() {
        let dir = tempfile::tempdir().unwrap();
        let workdir = workdir(dir.path());
        let held = workdir.lock("up").unwrap();
        let error = workdir.lock("destroy").unwrap_err();
        assert!(error.message.contains("kprov up, pid "), "{}", error.message);
        let holder = lock_holder(&workdir.path("lock"));
        assert!(holder.is_some_and(|holder| holder.starts_with("kprov up, pid ")));
        drop(held);
        assert_eq!(lock_holder(&workdir.path("lock")), None);
        workdir.lock("destroy").unwrap();
    }

    #[test]
    fn a_file_is_written_only_when_it_differs_and_only_for_its_owner() {
        let dir = tempfile::tempdir().unwrap();
        let workdir = workdir(dir.path());
        assert!(workdir.write("kubeconfig", "a").unwrap());
        assert!(!workdir.write("kubeconfig", "a").unwrap());
        assert!(workdir.write("kubeconfig", "b").unwrap());
        assert_eq!(workdir.read("kubeconfig").as_deref(), Some("b"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&workdir.path("kubeconfig")), 0o600);
            assert_eq!(mode(workdir.root()), 0o700);
        }
    }

    #[test]
    fn removal_leaves_nothing_but_other_clusters() {
        let dir = tempfile::tempdir().unwrap();
        let workdir = workdir(dir.path());
        workdir.write("a/b", "").unwrap();
        workdir.remove().unwrap();
        workdir.remove().unwrap();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
