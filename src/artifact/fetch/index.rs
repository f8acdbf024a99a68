//! The sums that releases list for their own files, kept so that none is asked for twice.

use std::fs;
use std::path::{Path, PathBuf};

use super::{blob, sum};
use crate::error::Result;
use crate::workdir;

/// The sum of the file at an address.
pub(super) fn read(root: &Path, url: &str) -> Option<String> {
    let text = fs::read_to_string(path(root, url)).ok()?;
    let (found, address) = text.trim_end().split_once(' ')?;
    (address == url && sum::is_sum(found)).then(|| found.to_owned())
}

/// Keeps the sum of the file at an address.
pub(super) fn write(root: &Path, url: &str, sum: &str) -> Result<()> {
    let path = path(root, url);
    let parent = path.parent().unwrap_or(root);
    workdir::private_dir(parent)
        .and_then(|()| workdir::write_private(&path, format!("{sum} {url}\n").as_bytes()))
        .map_err(|error| blob::cannot_write(&path, &error))
}

fn path(root: &Path, url: &str) -> PathBuf {
    root.join("index").join(sum::of_text(url))
}

/// The sum of a file in a checksum file, which is either the sum alone or lines as `sha256sum` writes them.
pub(super) fn listed(text: &str, file: &str) -> Option<String> {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let found = lines.find_map(|line| match line.split_once(char::is_whitespace) {
        None => Some(line),
        Some((sum, name)) => (name.trim_start().trim_start_matches(['*', '.', '/']) == file).then_some(sum),
    })?;
    Some(found.to_ascii_lowercase()).filter(|sum| sum::is_sum(sum))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksum_files_of_all_forms_are_read() {
        let (a, b) = ("a".repeat(64), "b".repeat(64));
        assert_eq!(listed(&a, "kubelet"), Some(a.clone()));
        assert_eq!(listed(&format!("{a}\n"), "kubelet"), Some(a.clone()));
        let lines = format!("{a}  runc.amd64\n{b} *runc.arm64\n\n{b}  ./dist/other\n");
        assert_eq!(listed(&lines, "runc.amd64"), Some(a.clone()));
        assert_eq!(listed(&lines, "runc.arm64"), Some(b));
        assert_eq!(listed(&lines, "runc"), None);
        assert_eq!(listed("<html>not found</html>", "runc"), None);
        assert_eq!(listed(&a[1..], "runc"), None);
    }

    #[test]
    fn what_is_kept_is_only_for_its_own_address() {
        let dir = tempfile::tempdir().unwrap();
        let (url, sum) = ("https://example.org/a", "c".repeat(64));
        assert_eq!(read(dir.path(), url), None);
        write(dir.path(), url, &sum).unwrap();
        assert_eq!(read(dir.path(), url), Some(sum));
        fs::write(path(dir.path(), url), "torn").unwrap();
        assert_eq!(read(dir.path(), url), None);
    }
}
