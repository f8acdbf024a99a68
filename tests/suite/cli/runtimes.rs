//! `kprov check` refuses what cannot work with the container runtime, and says what can.

use std::fmt::Write as _;
use std::fs;

use crate::place::Place;

/// A cluster of this version with this runtime, from the pack beside its config.
fn config(kubernetes: &str, runtime: &str, cni: &str) -> String {
    format!(
        "[cluster]\nname = \"lab\"\nkubernetes = \"{kubernetes}\"\nprovider = \"virtualbox\"\nruntime = \"{runtime}\"\n\
         [network]\nnodes = \"192.168.59.0/24\"\ncni = \"{cni}\"\n[artifacts]\npack = \"pack\"\n"
    )
}

fn pack(kubernetes: &str, files: &[(&str, &str, &str)]) -> String {
    let mut list = format!("format = 1\nkubernetes = \"{kubernetes}\"\n");
    for (kind, name, version) in files {
        let _ = write!(
            list,
            "[[file]]\nkind = \"{kind}\"\nname = \"{name}\"\nversion = \"{version}\"\npath = \"{name}\"\nsha256 = \"{}\"\nsize = 1\n",
            "0".repeat(64)
        );
    }
    list
}

fn write(place: &Place, name: &str, text: &str) {
    fs::create_dir_all(place.path("pack")).unwrap();
    fs::write(place.path("pack").join(name), text).unwrap();
}

#[track_caller]
fn checked(kubernetes: &str, runtime: &str, files: &[(&str, &str, &str)], words: &[&str]) {
    let place = Place::with(&config(kubernetes, runtime, "bridge"));
    write(&place, "pack.toml", &pack(kubernetes, files));
    let said = place.kprov(&["check"]);
    if words.is_empty() {
        said.code(0);
        return;
    }
    let said = said.code(2);
    for word in words {
        assert!(said.err.contains(word), "no \"{word}\" in {}", said.err);
    }
}

#[test]
fn a_pack_s_containerd_has_to_speak_the_kubelet_s_language() {
    let new = [("containerd", "containerd", "2.1.4")];
    checked(
        "1.22.17",
        "containerd",
        &new,
        &["containerd 2.1.4", "earlier than 2", "1.7.30"],
    );
    checked("1.30.14", "containerd", &new, &[]);
    let old = [("containerd", "containerd", "1.7.30")];
    checked(
        "1.36.4",
        "containerd",
        &old,
        &["containerd 1.7.30", "2.0.4 and later", "2.3.4"],
    );
    // Nobody asks for it with Docker.
    checked("1.22.17", "docker", &new, &[]);
}

#[test]
fn a_pack_s_docker_has_to_be_one_that_the_kubelet_understands() {
    let docker = [("docker", "docker", "24.0.9")];
    checked("1.23.17", "docker", &docker, &[]);
    let both = [
        ("docker", "docker", "24.0.9"),
        ("program", "cri-dockerd", "0.3.24"),
    ];
    checked("1.24.17", "docker", &both, &[]);
    let new = [("docker", "docker", "28.5.2")];
    checked(
        "1.20.2",
        "docker",
        &new,
        &["docker 28.5.2", "earlier than 25", "24.0.9"],
    );
}

#[test]
fn a_pack_s_manifest_has_only_what_the_kubernetes_knows() {
    let policy = "kind: PodSecurityPolicy\napiVersion: policy/v1beta1\n";
    let budget = "---\napiVersion: policy/v1\nkind: PodDisruptionBudget\n";
    for (kubernetes, manifest, words) in [
        ("1.24.17", policy, &[][..]),
        ("1.25.16", policy, &["calico", "PodSecurityPolicy", "3.27.4"]),
        ("1.21.14", budget, &[]),
        (
            "1.20.2",
            budget,
            &["policy/v1 PodDisruptionBudget", "1.21", "3.22.5"],
        ),
    ] {
        let place = Place::with(&config(kubernetes, "containerd", "calico"));
        let sum = sha256(manifest);
        let list = pack(kubernetes, &[("manifest", "calico", "1")]).replace(&"0".repeat(64), &sum);
        let list = list.replace("size = 1", &format!("size = {}", manifest.len()));
        write(&place, "pack.toml", &list);
        write(&place, "calico", manifest);
        let said = place.kprov(&["check"]).code(if words.is_empty() { 0 } else { 2 });
        for word in words {
            assert!(said.err.contains(word), "no \"{word}\" in {}", said.err);
        }
    }
}

fn sha256(text: &str) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(text.as_bytes())
        .iter()
        .fold(String::new(), |sum, byte| format!("{sum}{byte:02x}"))
}
