//! A pack that lacks something: this computer's cache is asked, the internet never, and what is in neither is named.

use std::fs;
use std::path::Path;

use super::blob;
use super::packs::{Room, done, said};

/// A room with a whole pack in the folder `whole`, and the cache `cache` that it was made of.
fn room() -> Room {
    let room = Room::new();
    done(&room.create());
    fs::rename(room.unpacked(), room.path("whole")).unwrap();
    room
}

/// The whole pack without the entries that have one of these lines.
fn without(room: &Room, lines: &[&str]) {
    let list = fs::read_to_string(room.path("whole/pack.toml")).unwrap();
    let mut entries = list.split("[[file]]\n");
    let head = entries.next().unwrap().to_owned();
    let kept = entries.filter(|entry| !entry.lines().any(|line| lines.contains(&line)));
    let list = kept.fold(head, |list, entry| format!("{list}[[file]]\n{entry}"));
    let dir = room.path("less");
    let _ = fs::remove_dir_all(&dir);
    linked(&room.path("whole"), &dir);
    fs::remove_file(dir.join("pack.toml")).unwrap();
    fs::write(dir.join("pack.toml"), list).unwrap();
}

/// The same files in another folder.
fn linked(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for file in fs::read_dir(from).unwrap().flatten() {
        let to = to.join(file.file_name());
        if file.path().is_dir() {
            linked(&file.path(), &to);
        } else {
            fs::hard_link(file.path(), to).unwrap();
        }
    }
}

const KUBECTL: &str = "name = \"kubectl\"";
const ETCD: &str = "name = \"etcd-3.5.15-0\"";
const NGINX: &str = "name = \"nginx-latest\"";

#[test]
fn what_a_pack_lacks_comes_from_the_cache_and_the_internet_is_not_asked() {
    let room = room();
    let all = room.kprov("empty", &["plan", "--pack", "whole"]);
    done(&all);
    without(&room, &[KUBECTL, ETCD, NGINX]);
    let requests = room.host.requests();
    let plan = room.kprov("cache", &["plan", "--pack", "less"]);
    done(&plan);
    let steps = |text: &str| {
        let mut steps: Vec<String> = text
            .lines()
            .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
            .collect();
        steps.sort();
        steps
    };
    assert_eq!(steps(&said(&plan)), steps(&said(&all)));
    // Its machine does not answer, and everything before that has gone well.
    let up = room.kprov("cache", &["up", "--pack", "less"]);
    assert_eq!(up.status.code(), Some(1), "{}", said(&up));
    assert!(room.path(".kprov").exists());
    assert_eq!(room.host.requests(), requests, "{}", said(&up));
}

#[test]
fn what_is_in_neither_is_named_before_anything_is_touched() {
    let room = room();
    without(&room, &[KUBECTL, ETCD, NGINX]);
    let requests = room.host.requests();
    let refused = |cache: &str, words: &[&str], others: &[&str]| {
        for command in ["up", "plan"] {
            let refused = room.kprov(cache, &[command, "--pack", "less"]);
            assert_eq!(refused.status.code(), Some(3), "{command}: {}", said(&refused));
            let text = said(&refused);
            let cache = room.path(cache).display().to_string();
            let places = ["less", &cache, "nothing is fetched from the internet"];
            let brings = "kprov -f cluster.toml pack create --arch amd64 -o pack.tar.zst";
            for word in words.iter().chain(&places).chain(&[brings]) {
                assert!(text.contains(word), "{command}: {word}: {text}");
            }
            for other in others {
                assert!(!text.contains(other), "{command}: {other}: {text}");
            }
        }
        assert!(!room.path(".kprov").exists());
    };
    let all = [
        "kubectl 1.30.2 (program)",
        "registry.k8s.io/etcd:3.5.15-0 (image, amd64)",
        "docker.io/library/nginx:latest (image, amd64)",
    ];
    refused("empty", &all, &["kubelet", "crictl", "coredns"]);
    // What is in the cache and is not what its sum says counts for nothing.
    let kubectl = fs::read(room.path("whole/programs/amd64/kubectl")).unwrap();
    let kept = blob(&room.path("cache"), &kubectl);
    let mut damaged = kubectl;
    damaged[7] ^= 1;
    fs::write(kept, damaged).unwrap();
    refused("cache", &all[..1], &all[1..]);
    assert_eq!(room.host.requests(), requests);
}

/// From 1.24 on nothing but cri-dockerd lets the kubelet speak to Docker.
#[test]
fn docker_is_of_no_use_without_cri_dockerd() {
    let room = Room::new();
    let config = fs::read_to_string(room.path("cluster.toml")).unwrap();
    let config = config.replace("[network]", "runtime = \"docker\"\n[network]");
    fs::write(room.path("cluster.toml"), config).unwrap();
    let refused = room.kprov("empty", &["up", "--pack", "base"]);
    assert_eq!(refused.status.code(), Some(3), "{}", said(&refused));
    assert!(
        said(&refused).contains("cri-dockerd 0.3.24 (program)"),
        "{}",
        said(&refused)
    );
    assert_eq!(room.host.requests(), 0);
}

#[test]
fn what_nodes_may_have_themselves_may_be_lacking() {
    let room = room();
    let lacking = ["containerd", "runc", "cni-plugins"].map(|name| format!("name = \"{name}\""));
    without(&room, &lacking.each_ref().map(String::as_str));
    let requests = room.host.requests();
    let plan = room.kprov("empty", &["plan", "--pack", "less"]);
    done(&plan);
    assert!(!said(&plan).contains("program-runc"), "{}", said(&plan));
    assert_eq!(room.host.requests(), requests);
}
