//! Images are pulled once, by this computer: from a registry that wants a token and sends for its blobs elsewhere.

use std::io::Read;
use std::path::Path;

use kprov::artifact::{Image, Login, Logins, Needs, Store, Watch, images};
use kprov::error::{Exit, Result};
use kprov::spec::KubernetesVersion;

use super::content;
use super::host::{Host, Mood};
use super::registry::{Pushed, Registry};

fn store(host: &Host, root: &Path, logins: Logins) -> Store {
    Store::new(root, None).with_registries(std::slice::from_ref(&host.base), logins)
}

fn fetch(store: &Store, images: &[Image]) -> Result<()> {
    let needs = Needs {
        files: Vec::new(),
        images: images.to_owned(),
    };
    let mut progress = |_, _| {};
    store.fetch(
        &needs,
        &mut Watch {
            stop: &|| false,
            progress: &mut progress,
        },
    )
}

/// The archive of an image: names of its files in order, and their contents.
fn archive(store: &Store, image: &Image) -> Vec<(String, Vec<u8>)> {
    let mut archive = store.archive(image, &|| false).unwrap();
    let (size, mut bytes) = (archive.size(), Vec::new());
    archive.read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes.len() as u64, size);
    let mut tar = tar::Archive::new(bytes.as_slice());
    tar.entries()
        .unwrap()
        .map(|entry| {
            let mut entry = entry.unwrap();
            let (name, mut content) = (entry.path().unwrap().to_string_lossy().into_owned(), Vec::new());
            entry.read_to_end(&mut content).unwrap();
            (name, content)
        })
        .collect()
}

fn one(host: &Host, name: &str) -> (Image, Pushed) {
    let registry = Registry {
        host,
        elsewhere: None,
    };
    let pushed = registry.push(name, "1", &[&content(1), &content(2)]);
    (Image::new(&format!("images.example/{name}:1"), "amd64"), pushed)
}

#[test]
fn four_nodes_and_a_second_cluster_cost_one_pull_of_each_image() {
    let (host, blobs, dir) = (Host::start(), Host::start(), tempfile::tempdir().unwrap());
    host.guard("anybody", "");
    let version = KubernetesVersion { minor: 20, patch: 2 };
    let mut wanted = images(version, "k8s.gcr.io", "amd64");
    wanted.push(Image::new("nginx:1", "amd64"));
    let registry = Registry {
        host: &host,
        elsewhere: Some(&blobs),
    };
    let shared = content(99);
    let mut parts = Vec::new();
    for (seed, image) in wanted.iter().enumerate() {
        let reference = image.reference();
        let own = content(u8::try_from(seed).unwrap());
        let pushed = registry.push(&reference.repository, &reference.version, &[&shared, &own]);
        parts.extend(pushed.layers);
        parts.push(pushed.config);
        parts.sort();
        parts.dedup();
    }
    // Nobody can make images of known digests.
    let first = store(&host, dir.path(), Logins::default()).unpinned();
    fetch(&first, &wanted).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for image in &wanted {
                    assert_eq!(archive(&first, image).len(), 7, "{}", image.name);
                }
            });
        }
    });
    for part in &parts {
        assert_eq!(blobs.asked_for(&format!("store/{part}")), [0], "{part}");
    }
    assert_eq!(parts.len(), 8 * 2 + 1);
    assert_eq!(blobs.requests(), parts.len());
    for image in &wanted {
        let reference = image.reference();
        let key = format!("v2/{}/manifests/{}", reference.repository, reference.version);
        // Once without a token, once with it.
        assert!(host.asked_for(&key).len() <= 2, "{key}");
    }
    assert!(
        blobs.said(&format!("store/{}", parts[0])).is_empty(),
        "a token went to another host"
    );
    // destroy and up again: another run, nothing in memory.
    let second = store(&host, dir.path(), Logins::default()).unpinned();
    let asked = host.requests();
    fetch(&second, &wanted).unwrap();
    for image in &wanted {
        assert!(second.has_image(image));
        archive(&second, image);
    }
    assert_eq!((host.requests(), blobs.requests()), (asked, parts.len()));
}

#[test]
fn a_cut_pull_goes_on_where_it_was_cut() {
    let (host, dir) = (Host::start(), tempfile::tempdir().unwrap());
    let (image, pushed) = one(&host, "tools/a");
    let key = format!("v2/tools/a/blobs/sha256:{}", pushed.layers[0]);
    host.mood(
        &key,
        Mood {
            cut: 2,
            cut_after: 100_000,
            ..Mood::default()
        },
    );
    fetch(&store(&host, dir.path(), Logins::default()), &[image]).unwrap();
    assert_eq!(host.asked_for(&key), [0, 100_000, 200_000]);
}

#[test]
fn what_is_not_the_image_is_refused_by_name() {
    let (host, dir) = (Host::start(), tempfile::tempdir().unwrap());
    let (image, pushed) = one(&host, "tools/b");
    host.serve_plain(
        &format!("v2/tools/b/blobs/sha256:{}", pushed.layers[1]),
        &content(3),
    );
    let error = fetch(
        &store(&host, dir.path(), Logins::default()),
        std::slice::from_ref(&image),
    )
    .unwrap_err();
    for part in [
        "images.example/tools/b:1",
        &pushed.layers[1],
        &super::host::sum_of(&content(3)),
    ] {
        assert!(error.message.contains(part), "{part}: {error}");
    }
    // A tag that was moved: the sum of what it stood for is known beforehand.
    let moved = Image {
        digest: Some("0".repeat(64)),
        ..image
    };
    host.serve_plain(&format!("v2/tools/b/manifests/sha256:{}", "0".repeat(64)), b"{}");
    let error = fetch(&store(&host, dir.path(), Logins::default()), &[moved]).unwrap_err();
    assert!(error.message.contains(&"0".repeat(64)), "{error}");
}

#[test]
fn an_image_is_of_the_architecture_that_was_asked_for() {
    let (host, dir) = (Host::start(), tempfile::tempdir().unwrap());
    let (image, pushed) = one(&host, "tools/c");
    let store = store(&host, dir.path(), Logins::default());
    let arm = Image::new(&image.name, "arm64");
    fetch(&store, std::slice::from_ref(&arm)).unwrap();
    assert!(!store.has_image(&image));
    let files = archive(&store, &arm);
    let config = files
        .iter()
        .find(|(_, content)| content.starts_with(b"{\"architecture\""));
    assert!(String::from_utf8_lossy(&config.unwrap().1).contains("arm64"));
    assert!(!files.iter().any(|(name, _)| name.ends_with(&pushed.config)));
    let error = fetch(&store, &[Image::new(&image.name, "riscv64")]).unwrap_err();
    assert!(error.message.contains("riscv64"), "{error}");
}

#[test]
fn a_tag_names_the_image_and_a_digest_the_list() {
    let (host, dir) = (Host::start(), tempfile::tempdir().unwrap());
    let (image, pushed) = one(&host, "tools/d");
    let store = store(&host, dir.path(), Logins::default());
    let text = |files: &[(String, Vec<u8>)], wanted: &str| {
        let (_, content) = files.iter().find(|(name, _)| name == wanted).unwrap();
        String::from_utf8(content.clone()).unwrap()
    };
    let files = archive(&store, &image);
    let index = text(&files, "index.json");
    assert!(
        index.contains(&pushed.manifest) && index.contains("\"images.example/tools/d:1\""),
        "{index}"
    );
    assert_eq!(store.digest(&image).as_ref(), Some(&pushed.list));
    let by_digest = Image::new(&format!("images.example/tools/d@sha256:{}", pushed.list), "amd64");
    let files = archive(&store, &by_digest);
    assert!(text(&files, "index.json").contains(&pushed.list));
    assert!(files.iter().any(|(name, _)| name.ends_with(&pushed.list)));
}

#[test]
fn a_tag_that_was_moved_away_from_a_known_digest_is_not_taken() {
    let (host, dir) = (Host::start(), tempfile::tempdir().unwrap());
    let (image, before) = one(&host, "tools/g");
    let registry = Registry {
        host: &host,
        elsewhere: None,
    };
    let moved = registry.push("tools/g", "1", &[&content(3)]);
    let pinned = |sum: &str| Image {
        digest: Some(sum.to_owned()),
        ..image.clone()
    };
    let known = pinned(&before.list);
    let files = archive(&store(&host, dir.path(), Logins::default()), &known);
    assert!(files.iter().any(|(name, _)| name.ends_with(&before.manifest)));
    assert!(host.asked_for("v2/tools/g/manifests/1").is_empty());

    // A mirror with a build of its own under the name.
    let (dir, sum) = (tempfile::tempdir().unwrap(), "0".repeat(64));
    let elsewhere = pinned(&sum);
    let error = fetch(
        &store(&host, dir.path(), Logins::default()),
        std::slice::from_ref(&elsewhere),
    )
    .unwrap_err();
    let said = format!("{error:?}");
    for part in ["images.example/tools/g:1", &sum, "pinned_images = false"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let unpinned = store(&host, dir.path(), Logins::default()).unpinned();
    fetch(&unpinned, std::slice::from_ref(&elsewhere)).unwrap();
    assert_eq!(unpinned.digest(&elsewhere), Some(moved.list));
}

#[test]
fn a_damaged_layer_is_pulled_again() {
    let (host, dir) = (Host::start(), tempfile::tempdir().unwrap());
    let (image, pushed) = one(&host, "tools/e");
    fetch(
        &store(&host, dir.path(), Logins::default()),
        std::slice::from_ref(&image),
    )
    .unwrap();
    let path = super::blob(dir.path(), &content(1));
    std::fs::write(&path, "rotten").unwrap();
    let files = archive(&store(&host, dir.path(), Logins::default()), &image);
    let layer = files.iter().find(|(name, _)| name.ends_with(&pushed.layers[0]));
    assert_eq!(layer.unwrap().1, content(1));
}

#[test]
fn a_stop_is_heard_also_while_a_token_is_asked_for() {
    let (host, dir) = (Host::start(), tempfile::tempdir().unwrap());
    let (image, _) = one(&host, "tools/g");
    host.guard("for all", "");
    let busy = Mood {
        busy: usize::MAX,
        ..Mood::default()
    };
    host.mood("token", busy);
    let needs = Needs {
        files: Vec::new(),
        images: vec![image],
    };
    let stopped = store(&host, dir.path(), Logins::default()).fetch(
        &needs,
        &mut Watch {
            stop: &|| !host.asked_for("token").is_empty(),
            progress: &mut |_, _| {},
        },
    );
    assert_eq!(stopped.unwrap_err().exit, Exit::Interrupted);
    assert_eq!(host.asked_for("token").len(), 1, "it was tried again");
}

#[test]
fn a_login_is_said_where_it_is_asked_for_and_nowhere_else() {
    let (host, dir) = (Host::start(), tempfile::tempdir().unwrap());
    let (image, _) = one(&host, "tools/f");
    let login = "Basic bWU6c2VjcmV0";
    host.guard("for me", login);
    let error = fetch(
        &store(&host, dir.path(), Logins::default()),
        std::slice::from_ref(&image),
    )
    .unwrap_err();
    assert!(error.message.contains("docker login"), "{error}");
    let own = host.base.trim_start_matches("http://");
    let text = format!(r#"{{"credHelpers": {{"{own}": "keys"}}}}"#);
    let logins = Logins::read(
        &text,
        Some(|_, _| {
            Some(Login {
                user: "me".into(),
                password: "secret".into(),
            })
        }),
    );
    fetch(&store(&host, dir.path(), logins), std::slice::from_ref(&image)).unwrap();
    assert_eq!(host.said("token"), [login]);
    assert!(
        host.said("v2/tools/f/manifests/1")
            .iter()
            .all(|said| said == "Bearer for me")
    );
}

#[test]
fn without_a_way_the_image_the_addresses_and_the_pack_are_named() {
    let (host, dir) = (Host::start(), tempfile::tempdir().unwrap());
    let image = Image::new("registry.invalid/a:1", "amd64");
    let error = fetch(&store(&host, dir.path(), Logins::default()), &[image]).unwrap_err();
    let said = format!("{error:?}");
    for part in [
        "registry.invalid/a:1",
        &host.base,
        "https://registry.invalid/v2/a",
        "kprov pack create",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}
