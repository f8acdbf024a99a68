//! Container images in the store: pulled once by this computer, layer by layer, and from then on at hand for all nodes
//! and clusters.
//!
//! The workstation pulls them itself, so no node has to run for it, every layer is held against its sum, a cut
//! pull goes on, and images for another architecture can be had.

use std::collections::HashSet;
use std::fs;
use std::path::PathBuf;

use super::blob::{self, Blob, Meter};
use super::web::{self, Fault};
use super::{Store, index, lock, sum};
use crate::artifact::image::archive::{Archive, Layout};
use crate::artifact::image::manifest::{self, Contents, Descriptor, Document, Form};
use crate::artifact::{Image, Reference};
use crate::error::{Error, Result};
use crate::t;
use crate::workdir;

/// An image whose documents are in the cache.
struct Known {
    /// What the name stands for: a list or the image itself.
    root: Descriptor,
    /// The image itself.
    manifest: Descriptor,
    contents: Contents,
}

/// A part of an image that is not in the cache.
pub(super) struct Missing<'a> {
    pub image: &'a Image,
    pub sum: String,
    pub meter: Meter,
}

impl Store {
    /// The sum of the document that an image's name stood for when it was pulled.
    #[must_use]
    pub fn digest(&self, image: &Image) -> Option<String> {
        let pinned = self
            .pin(image)
            .map(ToOwned::to_owned)
            .or_else(|| image.reference().digest().map(ToOwned::to_owned));
        pinned.or_else(|| index::read(&self.root, &image.key()))
    }

    /// The digest that an image has to have because it is known beforehand.
    fn pin<'a>(&self, image: &'a Image) -> Option<&'a str> {
        image.digest.as_deref().filter(|_| self.pins)
    }

    /// Whether all of an image is in the cache.
    #[must_use]
    pub fn has_image(&self, image: &Image) -> bool {
        let is_there = |known: &Known| known.parts().all(|sum| self.blob(sum).is_file());
        self.known(image).is_some_and(|known| is_there(&known))
    }

    /// An image as one archive, after the sums of all its parts were seen to be right. What is missing or was damaged
    /// is pulled again.
    ///
    /// # Errors
    /// When it cannot be had: the message names it, its address and the reason.
    pub fn archive(&self, image: &Image, stop: &(dyn Fn() -> bool + Sync)) -> Result<Archive> {
        if let Some(known) = self.known(image) {
            for sum in known.documents().chain(known.parts()) {
                self.discard_if_damaged(sum, stop)?;
            }
        }
        self.resolve(image, stop)?;
        for missing in self.missing_parts(std::slice::from_ref(image)) {
            self.pull(&missing, stop)?;
        }
        let known = self.known(image).ok_or_else(|| self.not_an_image(image))?;
        // A name with a digest stands for the list, if that is what the digest is of; a tag for the image itself.
        let reference = image.reference();
        let by_digest = reference.digest().is_some();
        let root = if by_digest { &known.root } else { &known.manifest };
        let files = known
            .documents()
            .filter(|sum| by_digest || known.manifest.sum() == Some(sum));
        let layout = Layout {
            name: reference.to_string(),
            root: root.clone(),
            config: known.contents.config.digest.clone(),
            layers: known
                .contents
                .layers
                .iter()
                .map(|layer| layer.digest.clone())
                .collect(),
            blobs: files
                .chain(known.parts())
                .map(|sum| (sum.to_owned(), self.blob(sum)))
                .collect(),
        };
        Archive::new(&layout)
            .map_err(|error| Error::host(t!("artifact.unreadable", name = image.name)).cause(&error))
    }

    /// Finds out what an image is made of, and keeps the documents that say so.
    pub(super) fn resolve(&self, image: &Image, stop: &dyn Fn() -> bool) -> Result<()> {
        if self.known(image).is_some() {
            return Ok(());
        }
        let reference = image.reference();
        let asked = match self.digest(image) {
            Some(sum) => format!("sha256:{sum}"),
            None => reference.version.clone(),
        };
        let text = self.document(image, &reference, &asked, stop)?;
        let root = sum::of_bytes(&text);
        let foreign = || self.not_an_image(image);
        let manifest = match Document::read(&text).ok_or_else(foreign)?.form(&image.arch) {
            Form::Image(contents) => contents,
            Form::List(Some(entry)) => {
                let text = self.document(image, &reference, &entry.digest, stop)?;
                match Document::read(&text).ok_or_else(foreign)?.form(&image.arch) {
                    Form::Image(contents) => contents,
                    _ => return Err(foreign()),
                }
            }
            Form::List(None) => return Err(other_arch(image)),
            Form::Foreign => return Err(foreign()),
        };
        // Only the config of an image that stands in no list says what it was built for.
        let config = manifest.config.sum().unwrap_or_default().to_owned();
        let missing = Missing {
            image,
            sum: config.clone(),
            meter: Meter::default(),
        };
        if !self.blob(&config).is_file() {
            self.pull(&missing, stop)?;
        }
        let config = fs::read(self.blob(&config)).unwrap_or_default();
        if manifest::architecture(&config).is_some_and(|found| found != image.arch) {
            return Err(other_arch(image));
        }
        index::write(&self.root, &image.key(), &root)
    }

    /// The parts of images that are not in the cache, each once.
    pub(super) fn missing_parts<'a>(&self, images: &'a [Image]) -> Vec<Missing<'a>> {
        let mut seen = HashSet::new();
        let mut missing = Vec::new();
        for image in images {
            let Some(known) = self.known(image) else { continue };
            for part in std::iter::once(&known.contents.config).chain(&known.contents.layers) {
                let sum = part.sum().unwrap_or_default();
                if !self.blob(sum).is_file() && seen.insert(sum.to_owned()) {
                    missing.push(Missing {
                        image,
                        sum: sum.to_owned(),
                        meter: Meter::expecting(part.size),
                    });
                }
            }
        }
        missing
    }

    /// Pulls a part, unless another kprov does so before.
    pub(super) fn pull(&self, missing: &Missing, stop: &dyn Fn() -> bool) -> Result<()> {
        let reference = missing.image.reference();
        let what = format!("blobs/sha256:{}", missing.sum);
        let blob = Blob {
            source: &|from| self.registries.get(&self.web, &reference, &what, from, stop),
            sum: &missing.sum,
            path: self.blob(&missing.sum),
            meter: &missing.meter,
            stop,
        };
        blob.fetch().map_err(|failure| match failure {
            blob::Failure::Here(error) => error,
            blob::Failure::There(why) => self.not_pulled(missing.image, &why),
            blob::Failure::Wrong(found) => self.wrong_part(missing.image, &found, &missing.sum),
        })
    }

    /// A document of an image, from the cache or the registry, after its sum was seen to be right where one was
    /// asked for.
    fn document(
        &self,
        image: &Image,
        reference: &Reference,
        version: &str,
        stop: &dyn Fn() -> bool,
    ) -> Result<Vec<u8>> {
        let wanted = version.strip_prefix("sha256:");
        if let Some(text) = wanted.and_then(|sum| self.kept(sum)) {
            return Ok(text);
        }
        let what = format!("manifests/{version}");
        let text = web::patiently(stop, || self.registries.get(&self.web, reference, &what, 0, stop))
            .map_err(|fault: Fault| self.not_pulled(image, &fault.why()))?;
        let found = sum::of_bytes(&text);
        if let Some(wanted) = wanted.filter(|wanted| **wanted != found) {
            return Err(self.wrong_part(image, &found, wanted));
        }
        let path = self.blob(&found);
        workdir::write_private(&path, &text).map_err(|error| blob::cannot_write(&path, &error))?;
        Ok(text)
    }

    /// A document in the cache. They are small, so it is held against its sum whenever it is read.
    fn kept(&self, wanted: &str) -> Option<Vec<u8>> {
        let text = fs::read(self.blob(wanted)).ok()?;
        (sum::of_bytes(&text) == wanted).then_some(text)
    }

    fn known(&self, image: &Image) -> Option<Known> {
        let sum = self.digest(image)?;
        let (root, document) = self.described(&sum)?;
        match document.form(&image.arch) {
            Form::Image(contents) => Some(Known {
                manifest: root.clone(),
                root,
                contents,
            }),
            Form::List(Some(entry)) => {
                let (manifest, document) = self.described(entry.sum()?)?;
                match document.form(&image.arch) {
                    Form::Image(contents) => Some(Known {
                        root,
                        manifest,
                        contents,
                    }),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn described(&self, sum: &str) -> Option<(Descriptor, Document)> {
        let text = self.kept(sum)?;
        let document = Document::read(&text)?;
        let descriptor = Descriptor::new(document.media_type(), sum, text.len() as u64);
        Some((descriptor, document))
    }

    /// Takes a file out of the cache that is not what its name says. Read once a run.
    fn discard_if_damaged(&self, wanted: &str, stop: &dyn Fn() -> bool) -> Result<()> {
        let path: PathBuf = self.blob(wanted);
        let mut verified = lock(&self.verified);
        if verified.contains(wanted) {
            return Ok(());
        }
        super::discard_if_damaged(&path, wanted, stop)?;
        if path.is_file() {
            verified.insert(wanted.to_owned());
        }
        Ok(())
    }

    fn not_pulled(&self, image: &Image, why: &str) -> Error {
        let mut asked = image.reference();
        if let Some(sum) = self.pin(image) {
            asked.version = format!("sha256:{sum}");
        }
        let address = self.registries.address(&asked);
        let message = t!(
            "artifact.not-pulled",
            name = image.name,
            arch = image.arch,
            url = address,
            reason = why
        );
        let mut error = Error::host(message);
        if self.pin(image).is_some() && !self.registries.mirrors.is_empty() {
            error = error.hint(t!("artifact.pinned-hint"));
        }
        error.hint(t!("artifact.not-pulled-hint"))
    }

    fn wrong_part(&self, image: &Image, found: &str, wanted: &str) -> Error {
        let address = self.registries.address(&image.reference());
        let message = t!(
            "artifact.wrong-part",
            name = image.name,
            url = address,
            found = found,
            expected = wanted
        );
        Error::host(message).hint(t!("artifact.wrong-sum-hint"))
    }

    fn not_an_image(&self, image: &Image) -> Error {
        let address = self.registries.address(&image.reference());
        Error::host(t!("artifact.not-an-image", name = image.name, url = address))
    }
}

impl Known {
    /// The sums of the documents that describe it, each once.
    fn documents(&self) -> impl Iterator<Item = &str> {
        let own = self.manifest.sum();
        let list = self.root.sum().filter(|sum| Some(*sum) != own);
        list.into_iter().chain(own)
    }

    /// The sums of what it is made of.
    fn parts(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.contents.config)
            .chain(&self.contents.layers)
            .filter_map(Descriptor::sum)
    }
}

fn other_arch(image: &Image) -> Error {
    Error::host(t!("artifact.other-arch", name = image.name, arch = image.arch))
}
