//! `kprov pack`: made from a pack, the cache and stand-ins of the internet's hosts; refused when it is damaged.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use kprov::artifact::{Sum, catalog, images};
use kprov::spec::KubernetesVersion;

use super::content;
use super::host::{Host, Mood, sum_of};
use super::registry::Registry;

const VERSION: KubernetesVersion = KubernetesVersion { minor: 30, patch: 2 };
const ARCHES: [&str; 2] = ["amd64", "arm64"];

/// A folder with a cluster, stand-ins that have what it needs, and a pack with the files whose sums are pinned, which
/// a stand-in cannot have.
pub struct Room {
    dir: tempfile::TempDir,
    pub host: Host,
}

impl Room {
    pub fn new() -> Self {
        Self::with("bridge", "", &[])
    }

    /// One whose cluster has a pod network and more tables, and whose pack has these images too, in name.
    pub fn with(network: &str, tables: &str, packed: &[&str]) -> Self {
        let room = Self {
            dir: tempfile::tempdir().unwrap(),
            host: Host::start(),
        };
        let cluster = format!(
            "[cluster]\nname = \"room\"\nkubernetes = \"{VERSION}\"\nprovider = \"ssh\"\n\
             [network]\nnodes = \"192.0.2.0/24\"\ncni = \"{network}\"\n{tables}\n\
             [artifacts]\nregistry_mirrors = [\"{}\"]\npinned_images = false\n[verify]\nimage = \"nginx\"\n\
             [[node]]\nname = \"a\"\nrole = \"control-plane\"\naddress = \"192.0.2.10\"\nhost = \"127.0.0.1\"\nport = 1\n",
            room.host.base
        );
        fs::write(room.path("cluster.toml"), cluster).unwrap();
        let mut list = format!("format = 1\nkubernetes = \"{VERSION}\"\n");
        fs::create_dir(room.path("base")).unwrap();
        for (seed, arch) in (0_u8..).zip(ARCHES) {
            for (number, file) in (0_u8..).zip(catalog(VERSION, arch, true)) {
                let content = content(100 * seed + number);
                if let Sum::Listed(sums) = &file.sum {
                    room.host.serve_plain(file.key(), &content);
                    let sums = sums.trim_start_matches("https://");
                    room.host.serve_list(sums, file.file_name(), &content);
                } else {
                    let path = format!("{}-{arch}", file.name);
                    fs::write(room.path("base").join(&path), &content).unwrap();
                    let table = format!(
                        "[[file]]\nkind = \"{}\"\nname = \"{}\"\narch = \"{arch}\"\npath = \"{path}\"\n\
                         sha256 = \"{}\"\nsize = {}\n",
                        file.kind.as_str(),
                        file.name,
                        sum_of(&content),
                        content.len()
                    );
                    list.push_str(&table);
                }
            }
        }
        for name in packed {
            let path = name.replace(['/', ':'], "-");
            fs::write(room.path("base").join(&path), name).unwrap();
            let table = format!(
                "[[file]]\nkind = \"image\"\nname = \"{path}\"\narch = \"amd64\"\npath = \"{path}\"\n\
                 sha256 = \"{}\"\nsize = {}\nimages = [\"{name}\"]\n",
                sum_of(name.as_bytes()),
                name.len()
            );
            list.push_str(&table);
        }
        fs::write(room.path("base/pack.toml"), list).unwrap();
        let registry = Registry {
            host: &room.host,
            elsewhere: None,
        };
        for (seed, image) in (50_u8..).zip(images(VERSION, "registry.k8s.io", "amd64")) {
            let reference = image.reference();
            registry.push(&reference.repository, &reference.version, &[&content(seed)]);
        }
        registry.push("library/nginx", "latest", &[&content(80)]);
        room
    }

    /// Puts a file for every architecture into the pack.
    pub fn packs(&self, kind: &str, name: &str, content: &[u8]) {
        let list = self.path("base/pack.toml");
        let table = format!(
            "[[file]]\nkind = \"{kind}\"\nname = \"{name}\"\npath = \"{name}\"\nsha256 = \"{}\"\nsize = {}\n",
            sum_of(content),
            content.len()
        );
        fs::write(self.path("base").join(name), content).unwrap();
        fs::write(&list, fs::read_to_string(&list).unwrap() + &table).unwrap();
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn command(&self, cache: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kprov"));
        command
            .args(arguments)
            .current_dir(self.dir.path())
            .env("KPROV_CACHE", self.path(cache))
            .env("KPROV_MIRROR", &self.host.base)
            .env("KPROV_LANG", "en")
            .env_remove("KPROV_PACK");
        command
    }

    pub fn kprov(&self, cache: &str, arguments: &[&str]) -> Output {
        self.command(cache, arguments).output().unwrap()
    }

    pub fn create(&self) -> Output {
        let arguments = [
            "pack",
            "create",
            "--arch",
            "amd64,arm64",
            "--pack",
            "base",
            "-o",
            "out.tar.zst",
        ];
        self.kprov("cache", &arguments)
    }

    /// The made pack as a directory.
    pub fn unpacked(&self) -> PathBuf {
        let dir = self.path("unpacked");
        let file = fs::File::open(self.path("out.tar.zst")).unwrap();
        tar::Archive::new(zstd::Decoder::new(file).unwrap())
            .unpack(&dir)
            .unwrap();
        dir
    }
}

pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

pub fn done(output: &Output) {
    assert!(output.status.success(), "{}", said(output));
}

#[test]
fn a_pack_has_all_for_several_architectures_and_costs_every_byte_once() {
    let room = Room::new();
    done(&room.create());
    let list = room.kprov("cache", &["pack", "list", "out.tar.zst", "--format", "json"]);
    done(&list);
    let list: serde_json::Value = serde_json::from_slice(&list.stdout).unwrap();
    assert_eq!(list["kubernetes"], "1.30.2");
    let mut kinds: HashMap<(String, String), usize> = HashMap::new();
    for file in list["files"].as_array().unwrap() {
        let word = |key: &str| file[key].as_str().unwrap_or_default().to_owned();
        *kinds.entry((word("kind"), word("arch"))).or_default() += 1;
    }
    for arch in ARCHES {
        for (kind, number) in [
            ("program", 5),
            ("containerd", 1),
            ("cni-plugins", 1),
            ("image", 8),
        ] {
            assert_eq!(
                kinds[&(kind.to_owned(), arch.to_owned())],
                number,
                "{kind} {arch}"
            );
        }
    }
    done(&room.kprov("cache", &["pack", "verify", "out.tar.zst"]));
    // Nothing was asked for twice, and another pack of the same asks for nothing.
    let requests = room.host.requests();
    let before = fs::read(room.path("out.tar.zst")).unwrap();
    done(&room.create());
    assert_eq!(room.host.requests(), requests);
    assert_eq!(
        fs::read(room.path("out.tar.zst")).unwrap(),
        before,
        "the same pack is the same bytes"
    );
    for artifact in catalog(VERSION, "arm64", true) {
        assert!(
            room.host.asked_for(artifact.key()).len() <= 1,
            "{}",
            artifact.name
        );
    }
    // The plan of a cluster from that pack: everything is there.
    let plan = room.kprov("elsewhere", &["plan", "--pack", "out.tar.zst"]);
    done(&plan);
    for step in ["containerd", "program-kubelet", "image-etcd", "image-nginx"] {
        assert!(said(&plan).contains(step), "{step}");
    }
}

#[test]
fn a_damaged_pack_is_refused_by_name_before_anything_is_touched() {
    let room = Room::new();
    done(&room.create());
    let dir = room.unpacked();
    let victims = [
        "programs/amd64/kubelet",
        "images/arm64/registry.k8s.io-pause-3.9.tar",
    ];
    done(&room.kprov("cache", &["pack", "verify", "unpacked"]));
    for victim in victims {
        let file = dir.join(victim);
        let mut bytes = fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&file, bytes).unwrap();
    }
    for arguments in [
        &["pack", "verify", "unpacked"][..],
        &["up", "--pack", "unpacked"],
        &["pack", "serve", "unpacked"],
    ] {
        let refused = room.kprov("cache", arguments);
        assert_eq!(refused.status.code(), Some(3), "{}", said(&refused));
        for victim in victims {
            assert!(said(&refused).contains(victim), "{victim}: {}", said(&refused));
        }
    }
    assert!(!room.path(".kprov").exists());
    // An archive that was cut, and one that is none.
    let whole = fs::read(room.path("out.tar.zst")).unwrap();
    fs::write(room.path("cut.tar.zst"), &whole[..whole.len() / 2]).unwrap();
    fs::write(room.path("foreign.tar.zst"), b"PK\x03\x04").unwrap();
    for name in ["cut.tar.zst", "foreign.tar.zst"] {
        let refused = room.kprov("cache", &["up", "--pack", name]);
        assert_eq!(refused.status.code(), Some(3), "{}", said(&refused));
        assert!(said(&refused).contains(name), "{}", said(&refused));
        assert!(said(&refused).contains("copy it again"), "{}", said(&refused));
        assert!(!said(&refused).contains("KP-VAGRANT"), "{}", said(&refused));
    }
    assert!(!room.path(".kprov").exists());
}

#[test]
fn a_pack_for_something_else_is_refused_before_anything_is_touched() {
    let room = Room::new();
    let list = fs::read_to_string(room.path("base/pack.toml")).unwrap();
    let sum = sum_of(b"x");
    let climbing = format!(
        "{list}[[file]]\nkind = \"program\"\nname = \"x\"\npath = \"../../outside\"\nsha256 = \"{sum}\"\nsize = 1\n"
    );
    for (name, list, status, word) in [
        ("other-version", list.replace("1.30.2", "1.29.4"), 2, "1.29.4"),
        (
            "other-arch",
            list.replace("\"amd64\"", "\"riscv64\"")
                .replace("\"arm64\"", "\"riscv64\""),
            3,
            "riscv64",
        ),
        ("newer-form", list.replace("format = 1", "format = 2"), 3, "2"),
        (
            "unknown-key",
            list.replace("kubernetes =", "mood = 1\nkubernetes ="),
            3,
            "mood",
        ),
        ("climbing", climbing, 3, "../../outside"),
        (
            "no-sum",
            list.replacen("sha256 = \"", "sha256 = \"../", 1),
            3,
            "crictl",
        ),
    ] {
        fs::write(room.path("base/pack.toml"), list).unwrap();
        let refused = room.kprov(name, &["up", "--pack", "base"]);
        assert_eq!(refused.status.code(), Some(status), "{name}: {}", said(&refused));
        let own = if word == "riscv64" { "base" } else { word };
        assert!(said(&refused).contains(own), "{name}: {}", said(&refused));
        assert!(!room.path(".kprov").exists(), "{name}");
    }
}

#[test]
fn two_that_make_packs_at_once_cost_every_byte_once() {
    let room = Room::new();
    // Slow enough for both to want the same at the same time.
    let slow = Mood {
        slow: Duration::from_millis(200),
        ..Mood::default()
    };
    for artifact in catalog(VERSION, "amd64", true) {
        room.host.mood(artifact.key(), slow.clone());
    }
    let create = |output: &str| {
        let arguments = [
            "pack", "create", "--arch", "amd64", "--pack", "base", "-o", output,
        ];
        room.command("cache", &arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let both = ["one.tar.zst", "two.tar.zst"].map(create);
    for process in both {
        done(&process.wait_with_output().unwrap());
    }
    for artifact in catalog(VERSION, "amd64", true) {
        if matches!(artifact.sum, Sum::Listed(_)) {
            assert_eq!(room.host.asked_for(artifact.key()), [0], "{}", artifact.name);
        }
    }
    let one = fs::read(room.path("one.tar.zst")).unwrap();
    assert!(one == fs::read(room.path("two.tar.zst")).unwrap(), "they differ");
}
