//! Where this computer keeps what several clusters use.

use std::env;
use std::path::PathBuf;

use crate::platform;

/// The directory for kprov's cache: `KPROV_CACHE`, else the one that the operating system has for such things.
#[must_use]
pub fn cache_dir() -> PathBuf {
    if let Some(dir) = env::var_os("KPROV_CACHE") {
        return dir.into();
    }
    platform::cache().join("kprov")
}
