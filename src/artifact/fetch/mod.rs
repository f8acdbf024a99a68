//! The store of downloaded files and images: looked for in the cache, else fetched, and never fetched twice.
//!
//! A file is kept under its own checksum, so it is either whole and right or not there, for every kprov on this
//! computer. Nothing else of the cache is trusted: what a killed run left behind is a `.part`, which the next
//! one goes on with and which counts for nothing until its sum is right.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Artifact, Image, Logins, Sum, stop, sum};
use crate::error::{Error, Exit, Result};
use crate::{platform, t};

mod blob;
mod images;
mod index;
mod parallel;
mod proxy;
mod registry;
mod served;
mod through;
mod web;

use blob::Meter;
use images::Missing;
use registry::Registries;
use web::Web;

/// What is to be in the store.
#[derive(Debug, Clone, Default)]
pub struct Needs {
    /// Release files.
    pub files: Vec<Artifact>,
    /// Container images.
    pub images: Vec<Image>,
}

/// A store of release files and images.
#[derive(Debug)]
pub struct Store {
    root: PathBuf,
    web: Web,
    registries: Registries,
    /// Whether an image whose digest is known beforehand has to have it.
    pins: bool,
    /// Sums that were read from the index or listed by a release, by the address of the file.
    sums: Mutex<HashMap<String, String>>,
    /// The sums of the files that were seen to be right in this run.
    verified: Mutex<HashSet<String>>,
}

/// Who looks on while the store fetches.
pub struct Watch<'a> {
    /// Whether to stop; asked often, from several threads.
    pub stop: &'a (dyn Fn() -> bool + Sync),
    /// Hears how many bytes are there, and how many there will be as far as is known yet.
    pub progress: &'a mut dyn FnMut(u64, u64),
}

impl Store {
    /// The store in kprov's cache, with the mirror that `KPROV_MIRROR` names: a base address below which files
    /// lie by host and path, as in `http://teacher:8000/dl.k8s.io/release/…`.
    #[must_use]
    pub fn of_this_computer() -> Self {
        let mirror = std::env::var("KPROV_MIRROR").ok().filter(|base| !base.is_empty());
        Self::new(&platform::cache(), mirror)
    }

    /// A store in a folder, which is made when it is needed, with a mirror.
    #[must_use]
    pub fn new(root: &Path, mirror: Option<String>) -> Self {
        Self {
            root: root.to_owned(),
            web: Web::new(mirror),
            registries: Registries::default(),
            pins: true,
            sums: Mutex::default(),
            verified: Mutex::default(),
        }
    }

    /// The same store, which asks these mirrors before every registry and has these logins.
    #[must_use]
    pub fn with_registries(mut self, mirrors: &[String], logins: Logins) -> Self {
        self.registries = Registries {
            mirrors: mirrors.to_owned(),
            logins,
            ..Registries::default()
        };
        self
    }

    /// The same store, which takes what a registry has under the name of an image, whatever digest is known of it: a
    /// registry in the room may have builds of its own.
    #[must_use]
    pub fn unpinned(mut self) -> Self {
        self.pins = false;
        self
    }

    /// The same store, which asks nobody: what is not in it cannot be had.
    #[must_use]
    pub fn closed(mut self) -> Self {
        self.web = self.web.closed();
        self
    }

    /// Whether a file is in the cache, and is what its sum says. A closed store asks nobody for it.
    #[must_use]
    pub fn holds(&self, artifact: &Artifact) -> bool {
        self.absent(std::slice::from_ref(artifact)).is_empty() && self.file(artifact, &|| false).is_ok()
    }

    /// Whether all of an image is in the cache, and is what its sums say. A closed store asks nobody for it.
    #[must_use]
    pub fn holds_image(&self, image: &Image) -> bool {
        self.has_image(image) && self.archive(image, &|| false).is_ok()
    }

    /// The sum of a release file as far as it is known here: nothing is asked.
    #[must_use]
    pub fn sum(&self, artifact: &Artifact) -> Option<String> {
        match &artifact.sum {
            Sum::Pinned(sum) => Some((*sum).to_owned()),
            Sum::Listed(_) => {
                let known = lock(&self.sums).get(&artifact.url).cloned();
                known.or_else(|| {
                    let sum = index::read(&self.root, &artifact.url)?;
                    lock(&self.sums).insert(artifact.url.clone(), sum.clone());
                    Some(sum)
                })
            }
        }
    }

    /// Finds out the sums that are not known yet from the checksum files of the releases.
    ///
    /// # Errors
    /// When one cannot be had: the message names the file, the address and the reason.
    pub fn learn(&self, artifacts: &[Artifact], stop: &(dyn Fn() -> bool + Sync)) -> Result<()> {
        let unknown: Vec<&Artifact> = artifacts.iter().filter(|a| self.sum(a).is_none()).collect();
        parallel::each(&unknown, stop, &mut || {}, |artifact, stop| {
            let Sum::Listed(list) = &artifact.sum else {
                return Ok(());
            };
            let lacks = |why: String| missing(artifact, &self.web.address(list), &why);
            let text = self.web.text(list, stop).map_err(lacks)?;
            let unlisted = || lacks(t!("artifact.no-sum", file = artifact.file_name()));
            let sum = index::listed(&text, artifact.file_name()).ok_or_else(unlisted)?;
            index::write(&self.root, &artifact.url, &sum)?;
            lock(&self.sums).insert(artifact.url.clone(), sum);
            Ok(())
        })
        .map_err(|error| {
            let needs = Needs {
                files: artifacts.to_owned(),
                images: Vec::new(),
            };
            self.with_absent(error, &needs)
        })
    }

    /// Those of the files that are not in the cache.
    #[must_use]
    pub fn absent<'a>(&self, artifacts: &'a [Artifact]) -> Vec<&'a Artifact> {
        let is_there = |artifact: &Artifact| self.sum(artifact).is_some_and(|sum| self.blob(&sum).is_file());
        artifacts.iter().filter(|artifact| !is_there(artifact)).collect()
    }

    /// The names of everything that is not in the cache.
    #[must_use]
    pub fn lacks(&self, needs: &Needs) -> Vec<String> {
        let files = self.absent(&needs.files).into_iter();
        let images = needs.images.iter().filter(|image| !self.has_image(image));
        files
            .map(|file| file.name.to_owned())
            .chain(images.map(|image| image.reference().word()))
            .collect()
    }

    /// Fetches what is not in the cache, several at once.
    ///
    /// # Errors
    /// The first file that could not be had: the message names it, its address and the reason.
    pub fn fetch(&self, needs: &Needs, watch: &mut Watch) -> Result<()> {
        let told = |error| self.with_absent(error, needs);
        self.learn(&needs.files, watch.stop)?;
        parallel::each(&needs.images, watch.stop, &mut || {}, |image, stop| {
            self.resolve(image, stop)
        })
        .map_err(told)?;
        let files = self.absent(&needs.files).into_iter();
        let files = files.map(|file| Job::File(file, Meter::default()));
        let parts = self.missing_parts(&needs.images).into_iter().map(Job::Part);
        let jobs: Vec<Job> = files.chain(parts).collect();
        let mut tell = || {
            let (done, total) = jobs.iter().fold((0, 0), |(done, total), job| {
                (done + job.meter().done(), total + job.meter().total())
            });
            (watch.progress)(done, total);
        };
        parallel::each(&jobs, watch.stop, &mut tell, |job, stop| match job {
            Job::File(artifact, meter) => self.download(artifact, meter, stop),
            Job::Part(missing) => self.pull(missing, stop),
        })
        .map_err(told)
    }

    /// A file, after its sum was seen to be right. One that is missing or was damaged is fetched again.
    ///
    /// # Errors
    /// When it cannot be had: the message names it, its address and the reason.
    pub fn file(&self, artifact: &Artifact, stop: &(dyn Fn() -> bool + Sync)) -> Result<PathBuf> {
        self.learn(std::slice::from_ref(artifact), stop)?;
        let wanted = self.sum(artifact).unwrap_or_default();
        let path = self.blob(&wanted);
        // Held while a file is read: whoever wants the same one waits instead of reading it too.
        let mut verified = lock(&self.verified);
        if verified.contains(&wanted) && path.is_file() {
            return Ok(path);
        }
        discard_if_damaged(&path, &wanted, stop)?;
        if !path.is_file() {
            self.download(artifact, &Meter::default(), stop)?;
        }
        verified.insert(wanted);
        Ok(path)
    }

    /// An error that stands for all of several files, which ended together.
    fn with_absent(&self, error: Error, needs: &Needs) -> Error {
        let names = self.lacks(needs);
        match (error.exit, names.as_slice()) {
            (Exit::Interrupted, _) | (_, [] | [_]) => error,
            _ => error.evidence([t!("artifact.absent", names = names.join(", "))]),
        }
    }

    /// Downloads a file, unless another kprov does so before.
    fn download(&self, artifact: &Artifact, meter: &Meter, stop: &dyn Fn() -> bool) -> Result<()> {
        let wanted = self.sum(artifact).unwrap_or_default();
        let blob = blob::Blob {
            source: &|from| self.web.get(&artifact.url, from),
            sum: &wanted,
            path: self.blob(&wanted),
            meter,
            stop,
        };
        let address = self.web.address(&artifact.url);
        blob.fetch().map_err(|failure| match failure {
            blob::Failure::Here(error) => error,
            blob::Failure::There(why) => missing(artifact, &address, &why),
            blob::Failure::Wrong(found) => wrong(artifact, &address, &found, &wanted),
        })
    }

    fn blob(&self, sum: &str) -> PathBuf {
        let folder = sum.get(..2).unwrap_or("");
        self.root.join("blobs").join("sha256").join(folder).join(sum)
    }
}

/// What is fetched at once with others.
enum Job<'a> {
    File(&'a Artifact, Meter),
    Part(Missing<'a>),
}

impl Job<'_> {
    fn meter(&self) -> &Meter {
        match self {
            Self::File(_, meter) => meter,
            Self::Part(missing) => &missing.meter,
        }
    }
}

fn missing(artifact: &Artifact, address: &str, why: &str) -> Error {
    let message = t!(
        "artifact.missing",
        name = artifact.name,
        version = artifact.version,
        url = address,
        reason = why
    );
    Error::host(message).hint(t!("artifact.missing-hint"))
}

fn wrong(artifact: &Artifact, address: &str, found: &str, wanted: &str) -> Error {
    let message = t!(
        "artifact.wrong-sum",
        name = artifact.name,
        version = artifact.version,
        url = address,
        found = found,
        expected = wanted
    );
    Error::host(message).hint(t!("artifact.wrong-sum-hint"))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes a file out of the cache that is not what its name says.
fn discard_if_damaged(path: &Path, wanted: &str, stop: &dyn Fn() -> bool) -> Result<()> {
    if !path.is_file() {
        return Ok(());
    }
    match sum::of_file(path, stop) {
        // Half of it proves nothing.
        Err(_) if stop() => Err(stop::interrupted()),
        Ok(found) if found != wanted => {
            fs::remove_file(path).map_err(|error| blob::cannot_write(path, &error))
        }
        _ => Ok(()),
    }
}
