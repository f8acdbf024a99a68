//! Everything that 1+3 nodes need: each file once, the second cluster nothing.

use std::fs;

use kprov::artifact::{Artifact, Sum, catalog};
use kprov::spec::KubernetesVersion;

use super::host::{Host, sum_of};
use super::{content, fetch, store};

/// A catalog that the stand-in can serve: its files are none that the table knows sums of.
fn served(host: &Host, minor: u32) -> Vec<(Artifact, Vec<u8>)> {
    let version = KubernetesVersion { minor, patch: 2 };
    let artifacts = catalog(version, "amd64", true).into_iter();
    let with_content = artifacts.enumerate().map(|(number, artifact)| {
        let content = content(u8::try_from(number).unwrap() + u8::try_from(minor).unwrap());
        host.serve(artifact.key(), &content);
        let sum = Sum::Listed(format!("{}.sha256", artifact.url));
        (Artifact { sum, ..artifact }, content)
    });
    with_content.collect()
}

#[test]
fn every_file_is_fetched_once_and_a_second_cluster_asks_for_nothing() {
    let (host, dir) = (Host::start(), tempfile::tempdir().unwrap());
    let files = served(&host, 20);
    let artifacts: Vec<Artifact> = files.iter().map(|(artifact, _)| artifact.clone()).collect();
    let first = store(&host, dir.path());
    assert_eq!(first.absent(&artifacts).len(), 7);
    fetch(&first, &artifacts).unwrap();
    assert!(first.absent(&artifacts).is_empty());
    // Four nodes ask for every file at once, as the lanes of a run do.
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for (artifact, content) in &files {
                    let path = first.file(artifact, &|| false).unwrap();
                    assert_eq!(&fs::read(path).unwrap(), content);
                    assert_eq!(first.sum(artifact), Some(sum_of(content)));
                }
            });
        }
    });
    for artifact in &artifacts {
        assert_eq!(host.asked_for(artifact.key()), [0], "{}", artifact.name);
        assert_eq!(host.asked_for(&format!("{}.sha256", artifact.key())), [0]);
    }
    let asked = host.requests();
    // Another run: nothing in memory, everything in the cache.
    let second = store(&host, dir.path());
    second.learn(&artifacts, &|| false).unwrap();
    fetch(&second, &artifacts).unwrap();
    for (artifact, content) in &files {
        assert_eq!(
            &fs::read(second.file(artifact, &|| false).unwrap()).unwrap(),
            content
        );
    }
    assert_eq!(host.requests(), asked);
    assert_eq!(asked, 14);
}

#[test]
fn another_version_shares_what_is_the_same() {
    let (host, dir) = (Host::start(), tempfile::tempdir().unwrap());
    let old: Vec<Artifact> = served(&host, 26)
        .into_iter()
        .map(|(artifact, _)| artifact)
        .collect();
    fetch(&store(&host, dir.path()), &old).unwrap();
    let version = KubernetesVersion { minor: 27, patch: 2 };
    let new = catalog(version, "amd64", true).into_iter();
    let new: Vec<Artifact> = new
        .map(|artifact| Artifact {
            sum: Sum::Listed(format!("{}.sha256", artifact.url)),
            ..artifact
        })
        .collect();
    let store = store(&host, dir.path());
    let absent: Vec<&str> = store.absent(&new).iter().map(|artifact| artifact.name).collect();
    assert_eq!(absent, ["kubeadm", "kubelet", "kubectl", "crictl"]);
}

#[test]
fn progress_grows_up_to_all_bytes() {
    let (host, dir) = (Host::start(), tempfile::tempdir().unwrap());
    let artifacts: Vec<Artifact> = served(&host, 30)
        .into_iter()
        .map(|(artifact, _)| artifact)
        .collect();
    let mut seen = Vec::new();
    let mut watch = kprov::artifact::Watch {
        stop: &|| false,
        progress: &mut |done, total| seen.push((done, total)),
    };
    let needs = kprov::artifact::Needs {
        files: artifacts,
        images: Vec::new(),
    };
    store(&host, dir.path()).fetch(&needs, &mut watch).unwrap();
    assert!(seen.is_sorted_by_key(|(done, _)| *done), "{seen:?}");
    assert!(seen.iter().all(|(done, total)| done <= total), "{seen:?}");
    assert_eq!(seen.last(), Some(&(7 * 300_000, 7 * 300_000)));
}
