//! Where this computer keeps what several clusters use.

use std::env;
use std::path::PathBuf;

/// The directory for kprov's cache: `KPROV_CACHE`, else the one that the operating system has for such things.
#[must_use]
pub fn cache_dir() -> PathBuf {
    if let Some(dir) = env::var_os("KPROV_CACHE") {
        return dir.into();
    }
    let system = if cfg!(windows) {
        env::var_os("LOCALAPPDATA").map(PathBuf::from)
    } else if cfg!(target_os = "macos") {
        env::home_dir().map(|home| home.join("Library").join("Caches"))
    } else {
        // XDG Base Directory Specification: a path that is not absolute counts as absent.
        env::var_os("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .filter(|dir| dir.is_absolute())
            .or_else(|| env::home_dir().map(|home| home.join(".cache")))
    };
    system.unwrap_or_else(env::temp_dir).join("kprov")
}
