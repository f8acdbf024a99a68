//! The store of downloads against a stand-in for the hosts of release files.

mod add_ons;
mod cluster;
mod command;
mod faults;
mod host;
mod images;
mod lacks;
mod packs;
mod proxies;
mod registry;
mod served;
mod shared;
#[cfg(target_os = "linux")]
mod tls;

use std::path::{Path, PathBuf};

use host::Host;
use kprov::artifact::{Artifact, Encoding, Kind, Needs, Store, Sum, Watch};
use kprov::error::Result;

/// A release file whose sum its release lists.
fn released(name: &'static str) -> Artifact {
    let url = format!("https://releases.example.org/v1/{name}");
    Artifact {
        kind: Kind::Program,
        name,
        version: "1.0".to_owned(),
        sum: Sum::Listed(format!("{url}.sha256")),
        url,
        encoding: Encoding::None,
    }
}

/// As much as a file needs to be sent in several pieces.
fn content(seed: u8) -> Vec<u8> {
    (0..300_000_u32).map(|at| (at % 251) as u8 ^ seed).collect()
}

fn store(host: &Host, root: &Path) -> Store {
    Store::new(root, Some(host.base.clone()))
}

fn fetch(store: &Store, artifacts: &[Artifact]) -> Result<()> {
    let needs = Needs {
        files: artifacts.to_owned(),
        images: Vec::new(),
    };
    store.fetch(
        &needs,
        &mut Watch {
            stop: &|| false,
            progress: &mut |_, _| {},
        },
    )
}

/// Where a file with that content lies in the cache.
fn blob(root: &Path, content: &[u8]) -> PathBuf {
    let sum = host::sum_of(content);
    root.join("blobs").join("sha256").join(&sum[..2]).join(sum)
}

/// Whether nothing of a file is in the cache, whole or in part; locks stay.
fn nothing_kept(root: &Path) -> bool {
    fn files(dir: &Path) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
        entries
            .flat_map(|entry| match entry.path() {
                path if path.is_dir() => files(&path),
                path => vec![path],
            })
            .collect()
    }
    let is_lock = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "lock");
    files(&root.join("blobs")).iter().all(is_lock)
}
