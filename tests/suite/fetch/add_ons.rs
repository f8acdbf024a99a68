//! Pod networks and load balancers: all their images are fetched once, are in the pack with their manifests, and go to
//! every node. The sums of manifests and charts are pinned, so that a stand-in cannot have them: they are in a pack.

use serde_json::Value;

use super::host::sum_of;
use super::packs::{Room, done, said};
use super::registry::{Pushed, Registry};
use super::{blob, content};

const METALLB: &str =
    "[load_balancer]\nimplementation = \"metallb\"\naddresses = \"192.0.2.20-192.0.2.30\"\n";
/// Another node, on which images have to be as well.
const WORKER: &str =
    "[[node]]\nname = \"b\"\nrole = \"worker\"\naddress = \"192.0.2.11\"\nhost = \"127.0.0.1\"\nport = 2\n";

/// As a release has it: several documents, images in many writings, some twice.
fn manifest(images: &[&str]) -> String {
    let [first, others @ ..] = images else {
        panic!("a manifest has images")
    };
    let head =
        format!("# image: none.example/comment:1\nkind: Deployment\n  image: \"{first}\" # here\n---\n");
    let text = others.iter().fold(head, |text, image| {
        format!("{text}kind: DaemonSet\n      - name: a\n        image: {image}\n      - image: '{image}'\n")
    });
    text + "  description: |\n    image:\n"
}

fn push(room: &Room, repository: &str, tag: &str, seed: u8) -> (String, Pushed) {
    let registry = Registry {
        host: &room.host,
        elsewhere: None,
    };
    let pushed = registry.push(repository, tag, &[&content(seed)]);
    (repository.to_owned(), pushed)
}

/// The entries of the made pack of a kind: name, architecture, images.
fn listed(room: &Room, kind: &str) -> Vec<(String, Value, Vec<String>)> {
    let list = room.kprov("cache", &["pack", "list", "out.tar.zst", "--format", "json"]);
    done(&list);
    let list: Value = serde_json::from_slice(&list.stdout).unwrap();
    let files = list["files"].as_array().unwrap().iter();
    files
        .filter(|file| file["kind"] == kind)
        .map(|file| {
            let images = file["images"].as_array().into_iter().flatten();
            let images = images.map(|name| name.as_str().unwrap().to_owned());
            (
                file["name"].as_str().unwrap().to_owned(),
                file["arch"].clone(),
                images.collect(),
            )
        })
        .collect()
}

const CREATE: [&str; 8] = [
    "pack",
    "create",
    "--arch",
    "amd64",
    "--pack",
    "base",
    "-o",
    "out.tar.zst",
];

/// Makes the pack, twice; the second time nothing is asked for. Then every image step is in the plan of both nodes.
fn makes(room: &Room, pushed: &[(String, Pushed)], images: &[&str], steps: &[&str]) {
    done(&room.kprov("cache", &CREATE));
    for (repository, image) in pushed {
        let parts = image.layers.iter().chain([&image.config]);
        for part in parts {
            let key = format!("v2/{repository}/blobs/sha256:{part}");
            assert_eq!(room.host.asked_for(&key), [0], "{key}");
        }
    }
    let requests = room.host.requests();
    done(&room.kprov("cache", &CREATE));
    assert_eq!(
        room.host.requests(),
        requests,
        "a second pack asked for something"
    );
    let all: Vec<String> = listed(room, "image")
        .into_iter()
        .flat_map(|(_, _, images)| images)
        .collect();
    for image in images {
        assert_eq!(
            all.iter().filter(|name| name == image).count(),
            1,
            "{image} in {all:?}"
        );
    }
    // Kubernetes' own 7, the sample, and these: nothing else was taken for an image.
    assert_eq!(all.len(), 8 + images.len(), "{all:?}");
    let plan = room.kprov("elsewhere", &["plan", "--pack", "out.tar.zst"]);
    done(&plan);
    for step in steps {
        let lines = said(&plan);
        let of_step = lines
            .lines()
            .filter(|line| line.split_whitespace().next() == Some(*step));
        assert_eq!(of_step.count(), 2, "{step}: {lines}");
    }
}

#[test]
fn calico_and_metallb() {
    let room = Room::with("calico", &format!("{METALLB}{WORKER}"), &[]);
    let names = ["docker.io/calico/cni:v3", "docker.io/calico/node:v3"];
    room.packs("manifest", "calico", manifest(&names).as_bytes());
    let names = ["quay.io/metallb/controller:v0", "quay.io/metallb/speaker:v0"];
    room.packs("manifest", "metallb", manifest(&names).as_bytes());
    let pushed = [
        push(&room, "calico/cni", "v3", 90),
        push(&room, "calico/node", "v3", 91),
        push(&room, "metallb/controller", "v0", 92),
        push(&room, "metallb/speaker", "v0", 93),
    ];
    // Calico's come from quay.io, as on the nodes.
    let images = [
        "quay.io/calico/cni:v3",
        "quay.io/calico/node:v3",
        "quay.io/metallb/controller:v0",
        "quay.io/metallb/speaker:v0",
    ];
    let steps = [
        "image-cni-v3",
        "image-node-v3",
        "image-controller-v0",
        "image-speaker-v0",
    ];
    makes(&room, &pushed, &images, &steps);
    let manifests = listed(&room, "manifest");
    let names: Vec<&str> = manifests.iter().map(|(name, _, _)| name.as_str()).collect();
    assert_eq!(names, ["calico", "metallb"]);
    assert!(
        manifests.iter().all(|(_, arch, _)| arch.is_null()),
        "{manifests:?}"
    );
}

/// A tag that was moved, or a host that gives something else.
#[test]
fn a_manifest_that_is_not_the_release_s_is_refused_by_name() {
    let room = Room::with("calico", METALLB, &[]);
    let metallb = "raw.githubusercontent.com/metallb/metallb/v0.15.3/config/manifests/metallb-native.yaml";
    let changed = manifest(&["quay.io/metallb/speaker:v0"]);
    room.packs("manifest", "calico", changed.as_bytes());
    room.host.serve_plain(metallb, changed.as_bytes());
    let refused = room.kprov("cache", &CREATE);
    assert!(!refused.status.success());
    let said = String::from_utf8_lossy(&refused.stderr);
    for word in ["metallb-native.yaml", &sum_of(changed.as_bytes())] {
        assert!(said.contains(word), "no {word} in {said}");
    }
    assert!(!room.path("out.tar.zst").exists());
    assert!(!blob(&room.path("cache"), changed.as_bytes()).exists());
}

#[test]
fn flannel_whose_manifest_is_kprov_s_own() {
    let room = Room::with("flannel", WORKER, &[]);
    let pushed = [
        push(&room, "flannel-io/flannel", "v0.28.9", 90),
        push(&room, "flannel-io/flannel-cni-plugin", "v1.9.1-flannel3", 91),
    ];
    let images = [
        "ghcr.io/flannel-io/flannel:v0.28.9",
        "ghcr.io/flannel-io/flannel-cni-plugin:v1.9.1-flannel3",
    ];
    let steps = [
        "image-flannel-v0.28.9",
        "image-flannel-cni-plugin-v1.9.1-flannel3",
    ];
    makes(&room, &pushed, &images, &steps);
    assert!(listed(&room, "manifest").is_empty());
}

/// The sums of its images are pinned too.
#[test]
fn cilium_by_its_chart() {
    let images = [
        "quay.io/cilium/cilium:v1.17.6",
        "quay.io/cilium/operator-generic:v1.17.6",
    ];
    let room = Room::with("cilium", WORKER, &images);
    room.packs("manifest", "cilium", &content(94));
    let helm = "get.helm.sh/helm-v3.17.0-linux-amd64.tar.gz";
    room.host.serve_plain(helm, &content(95));
    room.host.serve_list(
        &format!("{helm}.sha256sum"),
        "helm-v3.17.0-linux-amd64.tar.gz",
        &content(95),
    );
    let steps = images.map(|image| format!("image-{}", image.replace(['/', ':'], "-")));
    makes(&room, &[], &images, &[&steps[0], &steps[1]]);
    let manifests = listed(&room, "manifest");
    assert_eq!((manifests.len(), manifests[0].0.as_str()), (1, "cilium"));
    assert!(listed(&room, "program").iter().any(|(name, _, _)| name == "helm"));
    assert_eq!(room.host.asked_for(helm), [0]);
}
