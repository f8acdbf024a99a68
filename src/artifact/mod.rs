//! Programs, plugins and images: named, versioned, for an architecture, with a checksum.
//!
//! Nothing is used before its checksum was seen to be right, and nothing is read twice for that in a run.

mod cache;
mod pack;

pub use cache::cache_dir;
pub use pack::{Encoding, Entry, Kind, Pack};
