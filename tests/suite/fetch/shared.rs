//! Several kprovs on one computer, and one that is stopped.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use kprov::artifact::Watch;
use kprov::error::Exit;

use super::host::{Host, Mood};
use super::{blob, content, fetch, released, store};

#[test]
fn two_at_once_fetch_a_file_once() {
    let (host, dir) = (Host::start(), tempfile::tempdir().unwrap());
    let artifacts = [released("kubelet"), released("kubeadm")];
    for (seed, artifact) in artifacts.iter().enumerate() {
        host.serve(artifact.key(), &content(u8::try_from(seed).unwrap()));
        host.mood(
            artifact.key(),
            Mood {
                slow: Duration::from_millis(300),
                ..Mood::default()
            },
        );
    }
    std::thread::scope(|scope| {
        for _ in 0..4 {
            // Each has a store of its own, as another process would: only the lock is common.
            scope.spawn(|| fetch(&store(&host, dir.path()), &artifacts).unwrap());
        }
    });
    for artifact in &artifacts {
        assert_eq!(host.asked_for(artifact.key()), [0], "{}", artifact.name);
    }
}

#[test]
fn one_that_is_stopped_leaves_its_part_and_no_file() {
    let (host, dir) = (Host::start(), tempfile::tempdir().unwrap());
    let (artifact, content) = (released("kubelet"), content(3));
    host.serve(artifact.key(), &content);
    host.mood(
        artifact.key(),
        Mood {
            cut: 1,
            cut_after: 50_000,
            ..Mood::default()
        },
    );
    let path = blob(dir.path(), &content);
    let part = path.with_extension("part");
    let stop = AtomicBool::new(false);
    let begun = Instant::now();
    let needs = kprov::artifact::Needs {
        files: vec![artifact.clone()],
        images: Vec::new(),
    };
    let error = store(&host, dir.path())
        .fetch(
            &needs,
            &mut Watch {
                stop: &|| {
                    // As soon as something of it is on the disk.
                    let some = fs::metadata(&part).is_ok_and(|metadata| metadata.len() > 0);
                    stop.fetch_or(some, Ordering::SeqCst) || some
                },
                progress: &mut |_, _| {},
            },
        )
        .unwrap_err();
    assert_eq!(error.exit, Exit::Interrupted);
    assert!(begun.elapsed() < Duration::from_secs(5));
    let left = fs::metadata(&part).unwrap().len();
    assert!(left > 0 && !path.exists());
    fetch(&store(&host, dir.path()), std::slice::from_ref(&artifact)).unwrap();
    assert_eq!(host.asked_for(artifact.key()), [0, left]);
    assert_eq!(fs::read(&path).unwrap(), content);
}
