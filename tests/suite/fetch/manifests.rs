//! Manifests whose sum nobody lists: what came first is what it has to be.

use std::fs;

use kprov::artifact::{Artifact, Kind, Sum};

use super::host::{Host, sum_of};
use super::{blob, fetch, released, store};

#[test]
fn what_came_first_is_what_it_has_to_be_and_comes_once() {
    let (host, dir) = (Host::start(), tempfile::tempdir().unwrap());
    let artifact = Artifact {
        kind: Kind::Manifest,
        sum: Sum::FirstSeen,
        ..released("metallb-native.yaml")
    };
    let artifacts = std::slice::from_ref(&artifact);
    let (first, later) = (b"kind: Namespace\n", b"kind: Changed\n");
    host.serve(artifact.key(), first);
    let before = store(&host, dir.path());
    assert_eq!(before.sum(&artifact), None);
    fetch(&before, artifacts).unwrap();
    assert_eq!(before.sum(&artifact), Some(sum_of(first)));
    assert_eq!(host.asked_for(artifact.key()), [0]);

    // The tag was moved. Another cluster has the same manifest as the first one.
    host.serve(artifact.key(), later);
    let after = store(&host, dir.path());
    fetch(&after, artifacts).unwrap();
    assert_eq!(
        fs::read(after.file(&artifact, &|| false).unwrap()).unwrap(),
        first
    );
    assert_eq!(host.asked_for(artifact.key()), [0]);

    // And where the file itself was lost, what comes now is refused.
    fs::remove_file(blob(dir.path(), first)).unwrap();
    let error = fetch(&store(&host, dir.path()), artifacts).unwrap_err();
    assert!(error.message.contains("metallb-native.yaml"), "{error:?}");
    assert!(!blob(dir.path(), later).exists());
}
