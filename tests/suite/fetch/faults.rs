//! What goes wrong on the way, and what is left of it.

use std::fs;

use kprov::artifact::{Artifact, Store, Sum};

use super::host::{Host, Mood};
use super::{blob, content, fetch, nothing_kept, released, store};

/// A host that serves one file in some mood.
fn moody(mood: Mood) -> (Host, tempfile::TempDir, Artifact, Vec<u8>) {
    let (host, dir) = (Host::start(), tempfile::tempdir().unwrap());
    let (artifact, content) = (released("kubelet"), content(7));
    host.serve(artifact.key(), &content);
    host.mood(artifact.key(), mood);
    (host, dir, artifact, content)
}

#[test]
fn a_cut_download_goes_on_where_it_was_cut() {
    let (host, dir, artifact, content) = moody(Mood {
        cut: 2,
        cut_after: 100_000,
        ..Mood::default()
    });
    fetch(&store(&host, dir.path()), std::slice::from_ref(&artifact)).unwrap();
    assert_eq!(host.asked_for(artifact.key()), [0, 100_000, 200_000]);
    assert_eq!(fs::read(blob(dir.path(), &content)).unwrap(), content);
}

#[test]
fn a_host_without_ranges_is_asked_for_all_of_it_again() {
    let (host, dir, artifact, content) = moody(Mood {
        cut: 1,
        cut_after: 100_000,
        whole_only: true,
        ..Mood::default()
    });
    fetch(&store(&host, dir.path()), &[artifact]).unwrap();
    assert_eq!(fs::read(blob(dir.path(), &content)).unwrap(), content);
}

#[test]
fn a_busy_host_is_asked_again_and_a_missing_file_is_not() {
    let (host, dir, artifact, _) = moody(Mood {
        busy: 2,
        ..Mood::default()
    });
    fetch(&store(&host, dir.path()), std::slice::from_ref(&artifact)).unwrap();
    assert_eq!(host.asked_for(artifact.key()).len(), 3);

    let absent = Artifact {
        sum: Sum::Pinned("0000000000000000000000000000000000000000000000000000000000000000"),
        ..released("kubectl")
    };
    let error = fetch(&store(&host, dir.path()), std::slice::from_ref(&absent)).unwrap_err();
    assert_eq!(host.asked_for(absent.key()).len(), 1);
    assert!(
        error.message.contains("kubectl 1.0") && error.message.contains("404"),
        "{error}"
    );
    let zeros = dir.path().join("blobs/sha256/00").join("0".repeat(64));
    assert!(!zeros.exists());
}

#[test]
fn a_host_that_stays_busy_is_given_up() {
    let (host, dir, artifact, _) = moody(Mood {
        busy: 100,
        ..Mood::default()
    });
    let error = fetch(&store(&host, dir.path()), &[artifact]).unwrap_err();
    assert!(error.message.contains("503"), "{error}");
    assert!(host.requests() < 8);
}

#[test]
fn a_wrong_sum_is_refused_by_name_and_nothing_is_kept() {
    let (host, dir) = (Host::start(), tempfile::tempdir().unwrap());
    let wrong = Artifact {
        sum: Sum::Pinned("1111111111111111111111111111111111111111111111111111111111111111"),
        ..released("crictl")
    };
    host.serve(wrong.key(), &content(1));
    let store = store(&host, dir.path());
    let error = fetch(&store, std::slice::from_ref(&wrong)).unwrap_err();
    for part in [
        "crictl 1.0",
        &host.base,
        "1111",
        &super::host::sum_of(&content(1)),
    ] {
        assert!(error.message.contains(part), "{part}: {error}");
    }
    assert!(nothing_kept(dir.path()));
    assert!(store.file(&wrong, &|| false).is_err());
    assert!(nothing_kept(dir.path()));
}

#[test]
fn a_release_that_lists_no_sum_is_refused() {
    let (host, dir) = (Host::start(), tempfile::tempdir().unwrap());
    let artifact = released("kubeadm");
    host.serve(artifact.key(), &content(1));
    let listed = Artifact {
        // An error page with status 200, as some proxies send it.
        sum: Sum::Listed(artifact.url.clone()),
        ..artifact
    };
    let error = store(&host, dir.path()).learn(&[listed], &|| false).unwrap_err();
    assert!(error.message.contains("kubeadm"), "{error}");
    assert!(nothing_kept(dir.path()));
}

#[test]
fn what_a_killed_run_left_is_gone_on_with() {
    let (host, dir, artifact, content) = moody(Mood::default());
    let path = blob(dir.path(), &content);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path.with_extension("part"), &content[..123_456]).unwrap();
    let store = store(&host, dir.path());
    store.learn(std::slice::from_ref(&artifact), &|| false).unwrap();
    assert_eq!(store.absent(std::slice::from_ref(&artifact)).len(), 1);
    fetch(&store, std::slice::from_ref(&artifact)).unwrap();
    assert_eq!(host.asked_for(artifact.key()), [123_456]);
    assert_eq!(fs::read(&path).unwrap(), content);
    assert!(!path.with_extension("part").exists());
}

#[test]
fn a_part_that_was_whole_or_spoilt_is_not_trusted_blindly() {
    for (left, asked) in [(content(7), 0), (content(8), 2), (content(8)[..99].to_vec(), 2)] {
        let (host, dir, artifact, content) = moody(Mood::default());
        let path = blob(dir.path(), &content);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path.with_extension("part"), &left).unwrap();
        fetch(&store(&host, dir.path()), std::slice::from_ref(&artifact)).unwrap();
        assert_eq!(fs::read(&path).unwrap(), content);
        assert_eq!(host.asked_for(artifact.key()).len(), asked);
    }
}

#[test]
fn a_file_that_was_damaged_in_the_cache_is_fetched_again() {
    let (host, dir, artifact, content) = moody(Mood::default());
    fetch(&store(&host, dir.path()), std::slice::from_ref(&artifact)).unwrap();
    let path = blob(dir.path(), &content);
    fs::write(&path, &content[1..]).unwrap();
    let file = store(&host, dir.path()).file(&artifact, &|| false).unwrap();
    assert_eq!((&file, fs::read(&file).unwrap()), (&path, content));
    assert_eq!(host.asked_for(artifact.key()), [0, 0]);
}

#[test]
fn without_a_network_the_message_says_what_is_missing_and_what_helps() {
    let dir = tempfile::tempdir().unwrap();
    // A port that nobody listens at: it was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let store = Store::new(dir.path(), Some(format!("http://127.0.0.1:{port}")));
    let error = store.learn(&[released("kubelet")], &|| false).unwrap_err();
    assert_eq!(error.exit, kprov::error::Exit::Host);
    for part in ["kubelet 1.0", "releases.example.org/v1/kubelet.sha256"] {
        assert!(error.message.contains(part), "{part}: {error}");
    }
    assert!(
        error.hints.iter().any(|hint| hint.contains("--pack")),
        "{:?}",
        error.hints
    );
}
