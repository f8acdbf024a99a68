//! `kprov` itself without a pack: what its plan says, what it says without a network, and what a killed one leaves.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use kprov::artifact::{Artifact, Sum, catalog, images};
use kprov::spec::KubernetesVersion;
use tempfile::TempDir;

use super::host::{Host, Mood};
use super::registry::Registry;
use super::{blob, content, fetch, store};

/// Hosts that nobody reaches: the addresses are for documentation (RFC 5737).
const CONFIG: &str = r#"
[cluster]
name = "nowhere"
kubernetes = "1.30.2"
provider = "ssh"
[network]
nodes = "192.0.2.0/24"
[[node]]
name = "a"
role = "control-plane"
address = "192.0.2.10"
host = "127.0.0.1"
port = 1
[[node]]
name = "b"
role = "worker"
address = "192.0.2.11"
host = "127.0.0.1"
port = 2
"#;

fn folder() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("cluster.toml"), CONFIG).unwrap();
    dir
}

fn kprov(dir: &Path, arguments: &[&str], mirror: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kprov"));
    command
        .args(arguments)
        .current_dir(dir)
        .env("KPROV_CACHE", dir.join("cache"))
        .env("KPROV_MIRROR", mirror)
        .env_remove("KPROV_PACK");
    command
}

/// The architecture of the nodes.
fn arch() -> &'static str {
    match std::env::consts::ARCH {
        "aarch64" => "arm64",
        _ => "amd64",
    }
}

/// An address at which nothing answers.
fn nobody() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// The steps of a plan that wait for downloads, and the plan.
fn waiting(dir: &Path) -> (Vec<String>, String) {
    let output = kprov(dir, &["plan"], &nobody()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let waiting = text
        .lines()
        .filter(|line| line.contains("downloads/downloads"))
        .map(|line| line.split_whitespace().next().unwrap().to_owned())
        .collect();
    (waiting, text)
}

#[test]
fn with_docker_a_node_gets_docker_and_what_the_kubelet_reaches_it_by() {
    for (kubernetes, shim) in [("1.23.17", None), ("1.30.2", Some("program-cri-dockerd"))] {
        let dir = folder();
        let config = CONFIG.replace(
            "kubernetes = \"1.30.2\"",
            &format!("kubernetes = \"{kubernetes}\"\nruntime = \"docker\""),
        );
        fs::write(dir.path().join("cluster.toml"), config).unwrap();
        let (waiting, text) = waiting(dir.path());
        let mut expected = vec!["docker", "cni-plugins"];
        expected.extend(shim);
        expected.extend([
            "program-kubeadm",
            "program-kubelet",
            "program-kubectl",
            "program-crictl",
        ]);
        assert_eq!(waiting[..expected.len()], expected, "{text}");
        assert!(!waiting.iter().any(|step| step == "containerd"), "{text}");
    }
}

#[test]
fn a_plan_needs_no_network_and_waits_for_downloads_only_where_files_are_sent() {
    let dir = folder();
    let (waiting, text) = waiting(dir.path());
    let programs = [
        "program-runc",
        "containerd",
        "cni-plugins",
        "program-kubeadm",
        "program-kubelet",
        "program-kubectl",
        "program-crictl",
    ];
    let everybody = ["image-kube-proxy-v1.30.2", "image-pause-3.9"];
    let expected = [
        programs.as_slice(),
        &[
            "image-kube-apiserver-v1.30.2",
            "image-kube-controller-manager-v1.30.2",
            "image-kube-scheduler-v1.30.2",
        ],
        &everybody,
        &["image-etcd-3.5.15-0", "image-coredns-v1.11.3"],
        &programs,
        &everybody,
        &[
            "image-coredns-v1.11.3",
            "image-nginx-1.15-4",
            "image-nginx-1.14-4",
        ],
    ];
    assert_eq!(waiting, expected.concat(), "{text}");
    assert!(!dir.path().join("cache").exists());
}

#[test]
fn up_without_a_network_ends_before_anything_is_made() {
    let dir = folder();
    let output = kprov(dir.path(), &["up"], &nobody()).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{said}");
    // The first one, whichever it is, with its address; all that are missing; and what helps.
    for part in [
        "could not be had from http://127.0.0.1:",
        "kubeadm, kubelet, kubectl, crictl, runc, containerd, cni-plugins",
        "--pack",
        "HTTPS_PROXY",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!dir.path().join(".kprov/nowhere/runs").exists());
}

/// A host and a config whose cluster gets everything from there, and its kubelet; all files drip for a long time.
fn dripping() -> (Host, TempDir, Artifact, Vec<u8>) {
    let (host, dir) = (Host::start(), folder());
    let version = KubernetesVersion { minor: 30, patch: 2 };
    let registry = Registry {
        host: &host,
        elsewhere: None,
    };
    for image in images(version, "registry.k8s.io", arch()) {
        let reference = image.reference();
        registry.push(&reference.repository, &reference.version, &[&content(200)]);
    }
    registry.push("library/nginx", "latest", &[&content(201)]);
    let mirrors = format!(
        "{CONFIG}[artifacts]\nregistry_mirrors = [\"{}\"]\npinned_images = false\n[verify]\nimage = \"nginx\"\n",
        host.base
    );
    fs::write(dir.path().join("cluster.toml"), mirrors).unwrap();
    let mut kubelet = None;
    for (seed, artifact) in catalog(version, arch(), true).into_iter().enumerate() {
        let content = content(u8::try_from(seed).unwrap());
        host.serve(artifact.key(), &content);
        // Containerd's list has another name.
        host.serve_list(
            &format!("{}.sha256sum", artifact.key()),
            artifact.file_name(),
            &content,
        );
        // All of them take long, so that this one is on its way until the end.
        host.mood(
            artifact.key(),
            Mood {
                drip: Duration::from_millis(500),
                ..Mood::default()
            },
        );
        if artifact.name == "kubelet" {
            kubelet = Some((artifact, content));
        }
    }
    let (kubelet, content) = kubelet.unwrap();
    (host, dir, kubelet, content)
}

#[test]
fn one_that_is_killed_leaves_a_cache_that_the_next_one_trusts() {
    let (host, dir, kubelet, content) = dripping();
    let said = dir.path().join("said");
    let mut first = kprov(dir.path(), &["up", "--format", "json"], &host.base)
        .stdout(fs::File::create(&said).unwrap())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let cache = dir.path().join("cache");
    let path = blob(&cache, &content);
    let part = path.with_extension("part");
    let begun = Instant::now();
    while fs::metadata(&part).map_or(0, |metadata| metadata.len()) < 10_000 {
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "nothing was downloaded"
        );
        assert!(first.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::sleep(Duration::from_millis(20));
    }
    // Its bar moves meanwhile.
    let has_progress = || {
        let text = fs::read_to_string(&said).unwrap();
        let of_downloads = |line: &&str| line.contains("step-progress") && line.contains("\"downloads\"");
        text.lines().filter(of_downloads).count() >= 2
    };
    while !has_progress() {
        assert!(begun.elapsed() < Duration::from_secs(30), "no progress was told");
        std::thread::sleep(Duration::from_millis(20));
    }
    // SIGKILL, or what a system has in its place.
    first.kill().unwrap();
    first.wait().unwrap();
    let left = fs::metadata(&part).unwrap().len();
    assert!(!path.exists() && left < content.len() as u64);
    host.mood(kubelet.key(), Mood::default());
    let next = store(&host, &cache);
    assert!(matches!(kubelet.sum, Sum::Listed(_)));
    assert!(next.sum(&kubelet).is_some(), "its sum is not asked for again");
    fetch(&next, std::slice::from_ref(&kubelet)).unwrap();
    assert_eq!(host.asked_for(kubelet.key()).last(), Some(&left));
    assert_eq!(fs::read(&path).unwrap(), content);
}

#[cfg(target_os = "linux")]
#[test]
fn a_cache_on_a_full_disk_says_so_and_names_another() {
    let (host, dir, _, content) = dripping();
    let Some(unshare) = crate::tools::require("unshare") else {
        return;
    };
    let may = Command::new(&unshare).args(["-rm", "true"]).output();
    if !may.is_ok_and(|may| may.status.success()) {
        return crate::tools::skip("unshare", "this user may not make a mount namespace");
    }
    fs::create_dir(dir.path().join("cache")).unwrap();
    for artifact in catalog(KubernetesVersion { minor: 30, patch: 2 }, arch(), true) {
        host.mood(artifact.key(), Mood::default());
    }
    // A disk that is too small for any of them: the sum of none is looked at.
    let size = content.len() / 2;
    let mount = format!("mount -t tmpfs -o size={size} small cache && exec \"$@\"");
    let inner = kprov(dir.path(), &["up"], &host.base);
    let output = Command::new(unshare)
        .args(["-rm", "sh", "-c", &mount, "sh"])
        .arg(inner.get_program())
        .args(inner.get_args())
        .current_dir(dir.path())
        .envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))))
        .env_remove("KPROV_PACK")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    for part in [
        "cannot be written: its disk is full",
        "KP-HOST-101",
        "`kprov destroy`",
        "KPROV_CACHE names another folder",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}
