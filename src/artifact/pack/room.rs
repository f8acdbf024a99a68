//! A pack that another computer serves: its list is read, its files are fetched as they are needed, and all of it is
//! kept, so that the other computer may go home.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Entry, LIST};
use crate::artifact::fetch::{Store, Watch};
use crate::artifact::sum;
use crate::error::{Error, Result};
use crate::t;
use crate::workdir;

/// So many digits of the list's sum are enough to tell it from all others that somebody could make.
const MARK: usize = 16;

/// Whether a pack's name is a web address.
pub(super) fn is_address(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}

/// What stands behind `#` in the address of a pack: the beginning of the sum of its list.
pub(super) fn mark(list: &str) -> String {
    sum::of_text(list)[..MARK].to_owned()
}

/// The address of a pack without its mark, and its list: as it came, else as it came the last time.
pub(super) fn list(store: &Store, address: &str, stop: &dyn Fn() -> bool) -> Result<(String, String)> {
    let (base, wanted) = address.split_once('#').unwrap_or((address, ""));
    let base = base.trim_end_matches('/').to_owned();
    let kept = kept(store.root(), &base);
    let text = store.text_at(&format!("{base}/{LIST}"), stop).or_else(|why| {
        fs::read_to_string(&kept).map_err(|_| {
            Error::host(t!("packs.not-served", address = base, reason = why))
                .hint(t!("packs.not-served-hint"))
        })
    })?;
    let is = mark(&text);
    if !wanted.is_empty() && (wanted.len() < MARK || !sum::of_text(&text).starts_with(wanted)) {
        return Err(
            Error::host(t!("packs.other-mark", address = base, is = is, wanted = wanted))
                .hint(t!("packs.other-mark-hint")),
        );
    }
    // Only a memory: without it the pack is there as long as the other computer is. What is another pack is not to take
    // the place of the right one.
    let _ = workdir::write_private(&kept, text.as_bytes());
    Ok((base, text))
}

fn kept(root: &Path, base: &str) -> PathBuf {
    root.join("packs").join("served").join(sum::of_text(base))
}

pub(super) fn lacks<'a>(store: &Store, entries: &[&'a Entry]) -> Vec<&'a Entry> {
    let absent = entries
        .iter()
        .filter(|entry| !store.has(&entry.sha256.to_ascii_lowercase()));
    absent.copied().collect()
}

pub(super) fn fetch(store: &Store, base: &str, entries: &[&Entry], watch: &mut Watch) -> Result<()> {
    let wanted: Vec<(String, &Entry)> = lacks(store, entries)
        .into_iter()
        .map(|entry| (address(base, entry), entry))
        .collect();
    store.fetch_served(&wanted, watch)
}

pub(super) fn file(store: &Store, base: &str, entry: &Entry, stop: &dyn Fn() -> bool) -> Result<PathBuf> {
    store.served(&address(base, entry), entry, stop)
}

fn address(base: &str, entry: &Entry) -> String {
    format!("{base}/{}", encoded(&entry.path))
}

/// A path as it stands in an address.
pub(super) fn encoded(path: &str) -> String {
    use std::fmt::Write as _;
    path.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}
