//! Programs, plugins and images: named, versioned, for an architecture, with a checksum.
//!
//! Nothing is used before its checksum was seen to be right, and nothing is read twice for that in a run.

mod catalog;
mod fetch;
mod image;
mod pack;
mod stop;
mod sum;

pub use catalog::{Artifact, Sum, catalog, docker_catalog, manifests};
pub use fetch::{Needs, Store, Watch};
pub use image::{Archive, Helper, Image, Login, Logins, Reference, images};
pub use pack::{Encoding, Entry, Item, Kind, Pack, Scratch, Server, write as write_pack};
pub(crate) use stop::{Until, interrupted};
pub(crate) use sum::of_text as sum_of_text;

use crate::error::{Error, Result};

/// The sum of a file, read until it is time to stop.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn sum_of_file(path: &std::path::Path, stop: &dyn Fn() -> bool) -> Result<String> {
    sum::of_file(path, stop).map_err(|error| {
        if stop() {
            interrupted()
        } else {
            Error::cannot_read(path, &error)
        }
    })
}
