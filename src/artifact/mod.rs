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
pub use pack::{Encoding, Entry, Item, Kind, Pack, Server, write as write_pack};
pub(crate) use sum::of_file as sum_of_file;
