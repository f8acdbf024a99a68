//! Tools that some tests need and not every computer has.

use std::path::PathBuf;

/// The path of a tool, or `None` where it is missing and the test is to end at once.
///
/// # Panics
/// When it is missing and `KPROV_REQUIRE`, a list with commas, names it: CI must not skip what it is for.
#[must_use]
pub fn require(tool: &str) -> Option<PathBuf> {
    let path = which::which(tool).ok();
    if path.is_none() {
        skip(tool, &format!("there is no {tool} on PATH"));
    }
    path
}

/// A file in the folder that an environment variable names, or `None`, as for [`require`].
///
/// # Panics
/// When it is missing and `KPROV_REQUIRE` names the file (without its folders).
#[must_use]
pub fn require_in(variable: &str, file: &str) -> Option<PathBuf> {
    let path = std::env::var_os(variable).map(|folder| PathBuf::from(folder).join(file));
    let path = path.filter(|path| path.is_file());
    if path.is_none() {
        skip(
            file.rsplit('/').next().unwrap_or(file),
            &format!("{variable} names no folder that holds {file}"),
        );
    }
    path
}

/// Says that a test is skipped, and why; fails it where `KPROV_REQUIRE` names the tool.
///
/// # Panics
/// When `KPROV_REQUIRE` names the tool.
pub fn skip(tool: &str, why: &str) {
    let required = std::env::var("KPROV_REQUIRE").unwrap_or_default();
    let required = required.split(',').any(|name| name.trim() == tool);
    assert!(!required, "{why}, and KPROV_REQUIRE asks for it");
    eprintln!("skipped: {why}");
}
