//! An offline pack: a directory with a `pack.toml` that lists every file with its checksum, a `.tar.zst` of such a
//! directory, or one that another computer in the room serves.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Mutex;

use super::fetch::{Store, Watch};
use super::stop::interrupted;
use super::sum;
use crate::error::{Error, Result};
use crate::{platform, t};

mod archive;
mod contents;
mod in_use;
mod room;
mod serve;
mod write;

use archive::unpacked;
use contents::Contents;
pub use contents::{Encoding, Entry, Kind};
pub use in_use::Scratch;
pub use serve::Server;
pub use write::{Item, write};

/// The form of `pack.toml` that this version reads.
const FORMAT: u32 = 1;
/// The name of the list.
const LIST: &str = "pack.toml";

/// An opened pack. Its files are verified when they are first used, once a run.
#[derive(Debug)]
pub struct Pack {
    place: Place,
    /// What the user named.
    origin: PathBuf,
    contents: Contents,
    verified: Mutex<HashMap<String, bool>>,
    /// Keeps what an archive was unpacked into from being removed meanwhile.
    _held: Option<File>,
}

/// Where the files of a pack are.
#[derive(Debug)]
enum Place {
    /// In a directory; for an archive, where it was unpacked.
    Folder(PathBuf),
    /// On another computer, below this address. What comes from there is kept in this computer's cache.
    Room(String, Box<Store>),
}

impl Pack {
    /// Opens a pack: reads its list, and unpacks an archive into the cache where it is not yet there. What begins with
    /// `http://` or `https://` is one that another computer serves. `stop` says whether to end before it is done.
    ///
    /// # Errors
    /// When it is not there, not a pack, or of a form that this version does not know.
    pub fn open(origin: &Path, stop: &dyn Fn() -> bool) -> Result<Self> {
        let served = origin.to_str().filter(|text| room::is_address(text));
        let mut held = None;
        let (place, list, text) = if let Some(address) = served {
            let store = Box::new(Store::of_this_computer());
            let (base, text) = room::list(&store, address, stop)?;
            (
                Place::Room(base.clone(), store),
                PathBuf::from(base).join(LIST),
                text,
            )
        } else {
            let dir;
            (dir, held) = folder(origin, stop)?;
            let list = dir.join(LIST);
            let text = fs::read_to_string(&list)
                .map_err(|error| Error::host(t!("cli.pack-no-list", path = list.display())).cause(&error))?;
            (Place::Folder(dir), list, text)
        };
        let foreign = |reason: String| {
            Error::host(t!(
                "cli.pack-foreign",
                path = list.display(),
                reason = reason.trim()
            ))
        };
        let contents: Contents = toml::from_str(&text).map_err(|error| foreign(error.to_string()))?;
        if contents.format != FORMAT {
            return Err(foreign(t!(
                "cli.pack-format",
                found = contents.format,
                known = FORMAT
            )));
        }
        if let Some(bad) = contents.files.iter().find(|entry| !is_inside(&entry.path)) {
            return Err(foreign(t!("cli.pack-outside", path = bad.path)));
        }
        let has_no_sum = |entry: &&Entry| !sum::is_sum(&entry.sha256.to_ascii_lowercase());
        if let Some(bad) = contents.files.iter().find(has_no_sum) {
            return Err(foreign(t!("artifact.no-sum", file = bad.path)));
        }
        Ok(Self {
            place,
            origin: origin.to_owned(),
            contents,
            verified: Mutex::default(),
            _held: held,
        })
    }

    /// What the user named: a directory, an archive or an address.
    #[must_use]
    pub fn origin(&self) -> &Path {
        &self.origin
    }

    /// The version of Kubernetes that it is for.
    #[must_use]
    pub fn kubernetes(&self) -> &str {
        &self.contents.kubernetes
    }

    /// Its files of a kind, for an architecture (or for any).
    pub fn entries<'a>(&'a self, kind: Kind, arch: &'a str) -> impl Iterator<Item = &'a Entry> {
        self.contents
            .files
            .iter()
            .filter(move |entry| entry.kind == kind && entry.arch.as_deref().is_none_or(|a| a == arch))
    }

    /// All its files, whatever they are for.
    #[must_use]
    pub fn all(&self) -> &[Entry] {
        &self.contents.files
    }

    /// Whether its files come from another computer.
    #[must_use]
    pub fn is_served(&self) -> bool {
        matches!(self.place, Place::Room(..))
    }

    /// Looks whether every file is what the list says. What was looked at once and has not been touched since (by size
    /// and time) is not read again; `thorough` reads it all the same. A served pack is checked file by file, as they
    /// come. `stop` says whether to end before it is done.
    ///
    /// # Errors
    /// All files that are missing or damaged, by name.
    pub fn check(&self, thorough: bool, stop: &dyn Fn() -> bool) -> Result<()> {
        let Place::Folder(dir) = &self.place else {
            return Ok(());
        };
        let stamp = platform::cache().join("packs").join("seen").join(self.stamp(dir));
        if !thorough && stamp.is_file() {
            return Ok(());
        }
        let mut bad = Vec::new();
        for entry in &self.contents.files {
            if stop() {
                return Err(interrupted());
            }
            bad.extend(self.file(&entry.path, stop).err());
        }
        if stop() {
            return Err(interrupted());
        }
        let Some((first, others)) = bad.split_first() else {
            // Without it the pack is read once more, which is no reason to fail.
            let _ = crate::workdir::write_private(&stamp, b"");
            return Ok(());
        };
        if *dir != self.origin {
            // What was unpacked from a damaged archive is of no use.
            let _ = fs::remove_dir_all(dir);
        }
        let others = others.iter().map(|error| error.message.clone());
        Err(first.clone().evidence(others))
    }

    /// Changes with every file, by its size and time.
    fn stamp(&self, dir: &Path) -> String {
        let seen = self.contents.files.iter().map(|entry| {
            let path = dir.join(&entry.path);
            let metadata = fs::metadata(&path).ok();
            let time = metadata.as_ref().and_then(|metadata| metadata.modified().ok());
            let size = metadata.map(|metadata| metadata.len());
            format!("{} {} {size:?} {time:?}\n", entry.sha256, path.display())
        });
        sum::of_text(&seen.collect::<String>())
    }

    /// Those of a served pack's files that did not come yet; none for other packs.
    #[must_use]
    pub fn lacks<'a>(&self, entries: &[&'a Entry]) -> Vec<&'a Entry> {
        match &self.place {
            Place::Folder(_) => Vec::new(),
            Place::Room(_, store) => room::lacks(store, entries),
        }
    }

    /// Gets files of a served pack, several at once.
    ///
    /// # Errors
    /// The first that could not be had or is not what the list says: the message names it.
    pub fn fetch(&self, entries: &[&Entry], watch: &mut Watch) -> Result<()> {
        match &self.place {
            Place::Folder(_) => Ok(()),
            Place::Room(base, store) => room::fetch(store, base, entries, watch),
        }
    }

    /// A file of the pack by its path in it, after its checksum was seen to be right.
    ///
    /// # Errors
    /// When it is missing or not what the list says: the message names it; and when it is time to stop.
    pub fn file(&self, path: &str, stop: &dyn Fn() -> bool) -> Result<PathBuf> {
        let entry = self
            .contents
            .files
            .iter()
            .find(|entry| entry.path == path)
            .ok_or_else(|| {
                Error::host(t!(
                    "cli.pack-not-listed",
                    path = path,
                    pack = self.origin.display()
                ))
            })?;
        let file = match &self.place {
            Place::Folder(dir) => dir.join(path),
            Place::Room(base, store) => return room::file(store, base, entry, stop),
        };
        // Held while a file is read: whoever wants the same one waits instead of reading it too.
        let mut verified = self
            .verified
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if !verified.contains_key(path) {
            verify(&file, entry, stop)?;
            verified.insert(path.to_owned(), true);
        }
        Ok(file)
    }
}

/// The directory of a pack; an archive is unpacked.
fn folder(origin: &Path, stop: &dyn Fn() -> bool) -> Result<(PathBuf, Option<File>)> {
    match fs::metadata(origin) {
        Err(error) => Err(Error::host(t!("cli.pack-missing", path = origin.display()))
            .cause(&error)
            .hint(t!("cli.pack-missing-hint"))),
        Ok(metadata) if metadata.is_dir() => Ok((origin.to_owned(), None)),
        Ok(metadata) => unpacked(origin, &metadata, stop),
    }
}

fn verify(file: &Path, entry: &Entry, stop: &dyn Fn() -> bool) -> Result<()> {
    let unreadable = |error: io::Error| {
        if stop() {
            return interrupted();
        }
        Error::host(t!("cli.pack-unreadable", path = file.display())).cause(&error)
    };
    let found = sum::of_file(file, stop).map_err(unreadable)?;
    if found.eq_ignore_ascii_case(&entry.sha256) {
        return Ok(());
    }
    Err(Error::host(t!(
        "cli.pack-damaged",
        path = file.display(),
        expected = entry.sha256,
        found = found
    ))
    .hint(t!("cli.pack-damaged-hint")))
}

/// Whether a path of a pack stays in it.
fn is_inside(path: &str) -> bool {
    !path.is_empty()
        && Path::new(path)
            .components()
            .all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Exit;

    fn pack(dir: &Path, sum: &str, path: &str) -> PathBuf {
        fs::create_dir_all(dir.join("programs")).unwrap();
        fs::write(dir.join("programs/kubelet"), "kubelet").unwrap();
        let list = format!(
            "format = 1\nkubernetes = \"1.20.2\"\n[[file]]\nkind = \"program\"\nname = \"kubelet\"\n\
             arch = \"amd64\"\npath = \"{path}\"\nsha256 = \"{sum}\"\nsize = 7\n"
        );
        fs::write(dir.join("pack.toml"), list).unwrap();
        dir.to_owned()
    }

    fn sum() -> String {
        sum::of_text("kubelet")
    }

    /// The archive of a pack, beside it.
    fn archive_of(source: &Path) -> PathBuf {
        let archive = source.with_extension("tar.zst");
        let mut tar = tar::Builder::new(
            zstd::Encoder::new(File::create(&archive).unwrap(), 1)
                .unwrap()
                .auto_finish(),
        );
        tar.append_dir_all(".", source).unwrap();
        drop(tar.into_inner().unwrap());
        archive
    }

    fn open(origin: &Path) -> Result<Pack> {
        Pack::open(origin, &|| false)
    }

    #[test]
    fn files_are_found_by_kind_and_architecture_and_verified() {
        let dir = tempfile::tempdir().unwrap();
        let pack = open(&pack(dir.path(), &sum(), "programs/kubelet")).unwrap();
        assert_eq!(pack.entries(Kind::Program, "amd64").count(), 1);
        assert_eq!(pack.entries(Kind::Program, "arm64").count(), 0);
        assert_eq!(pack.entries(Kind::Image, "amd64").count(), 0);
        let stopped = pack.file("programs/kubelet", &|| true).unwrap_err();
        assert_eq!(stopped.exit, Exit::Interrupted);
        assert!(pack.file("programs/kubelet", &|| false).is_ok());
    }

    #[test]
    fn a_damaged_file_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let pack = open(&pack(dir.path(), &"0".repeat(64), "programs/kubelet")).unwrap();
        let error = pack.file("programs/kubelet", &|| false).unwrap_err();
        assert!(
            error.message.contains("kubelet") && error.message.contains(&sum()),
            "{}",
            error.message
        );
    }

    #[test]
    fn a_pack_that_points_outside_is_refused() {
        for path in ["../kubelet", "/etc/passwd", "a/../../b", ""] {
            let dir = tempfile::tempdir().unwrap();
            assert!(open(&pack(dir.path(), &sum(), path)).is_err(), "{path}");
        }
    }

    #[test]
    fn what_is_no_pack_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        assert!(open(&dir.path().join("missing")).is_err());
        assert!(open(dir.path()).is_err());
        fs::write(
            dir.path().join("pack.toml"),
            "format = 9\nkubernetes = \"1.20.2\"",
        )
        .unwrap();
        assert!(open(dir.path()).unwrap_err().message.contains('9'));
    }

    #[test]
    fn an_archive_is_unpacked_once() {
        let dir = tempfile::tempdir().unwrap();
        let source = pack(&dir.path().join("pack"), &sum(), "programs/kubelet");
        let archive = archive_of(&source);
        let metadata = fs::metadata(&archive).unwrap();
        // Of a kprov that named such folders otherwise, and no pack.
        let [former, other] =
            ["a1", "b2"].map(|digits| platform::cache().join("packs").join(digits.repeat(16)));
        for dir in [&former, &other] {
            fs::create_dir_all(dir).unwrap();
        }
        fs::write(former.join(LIST), "").unwrap();
        let unpacked_dir = unpacked(&archive, &metadata, &|| false).unwrap().0;
        assert!(!former.exists() && other.exists());
        fs::remove_dir(other).unwrap();
        assert_eq!(unpacked(&archive, &metadata, &|| false).unwrap().0, unpacked_dir);
        let pack = open(&archive).unwrap();
        assert!(pack.file("programs/kubelet", &|| false).is_ok());
        drop(pack);
        in_use::remove(&unpacked_dir);
        assert!(!unpacked_dir.exists());

        // What a kprov that was killed left there goes, and one that is interrupted leaves nothing.
        let torn = platform::cache().join("packs/unpacking-torn");
        fs::create_dir_all(torn.join("half")).unwrap();
        // Not before, as another test may be at work in the cache, which is waited for.
        let interrupted = unpacked(&archive, &metadata, &|| !torn.exists()).unwrap_err();
        assert_eq!(interrupted.exit, Exit::Interrupted);
        assert!(!torn.exists());
    }

    #[test]
    fn what_an_archive_was_before_goes_when_nobody_uses_it_any_more() {
        let dir = tempfile::tempdir().unwrap();
        let [source, other] =
            ["pack", "other"].map(|name| pack(&dir.path().join(name), &sum(), "programs/kubelet"));
        let unpacked = |pack: &Pack| match &pack.place {
            Place::Folder(dir) => dir.clone(),
            Place::Room(..) => unreachable!(),
        };
        let others = open(&archive_of(&other)).map(|pack| unpacked(&pack)).unwrap();
        let gone = archive_of(&pack(&dir.path().join("gone"), &sum(), "programs/kubelet"));
        let of_nothing = open(&gone).map(|pack| unpacked(&pack)).unwrap();
        fs::remove_file(gone).unwrap();
        let mut seen = Vec::new();
        for size in 1..4 {
            fs::write(source.join("more"), vec![b'x'; size * 100_000]).unwrap();
            let replaced = open(&archive_of(&source)).unwrap();
            let place = unpacked(&replaced);
            // Only the second one is still in use when the next one comes.
            seen.push((place, Some(replaced).filter(|_| size == 2)));
        }
        let there: Vec<bool> = seen.iter().map(|(place, _)| place.is_dir()).collect();
        assert_eq!(there, [false, true, true]);
        assert!(others.is_dir(), "it is of another archive");
        assert!(!of_nothing.exists());
        assert!(
            seen[1]
                .1
                .as_ref()
                .unwrap()
                .file("programs/kubelet", &|| false)
                .is_ok()
        );
        for place in seen.into_iter().map(|(place, _)| place).chain([others]) {
            in_use::remove(&place);
            assert!(!place.exists());
        }
    }
}
