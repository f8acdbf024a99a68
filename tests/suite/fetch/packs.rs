//! `kprov pack`: made from a pack, the cache and stand-ins of the internet's hosts; refused when it is damaged; served
//! to a room.

use std::collections::HashMap;
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use kprov::artifact::{Pack, Server, Sum, catalog, images};
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
             [artifacts]\nregistry_mirrors = [\"{}\"]\n[verify]\nimage = \"nginx\"\n\
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

/// Sends a request as it is and returns the whole answer.
fn ask(port: u16, request: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    answer
}

fn get(port: u16, path: &str, more: &str) -> (String, Vec<u8>) {
    let answer = ask(port, &format!("GET {path} HTTP/1.1\r\nHost: room\r\n{more}\r\n"));
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    (head, answer[end + 4..].to_vec())
}

/// Serves a pack while `work` is done; what was asked for comes back, with how often.
fn served(dir: &Path, work: impl FnOnce(&Server)) -> HashMap<String, usize> {
    let pack = Pack::open(dir).unwrap();
    let server = Server::bind(&pack, SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let (over, asked) = (AtomicBool::new(false), Mutex::new(HashMap::new()));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            server.run(&|| over.load(Ordering::SeqCst), &|_, path, _| {
                *asked.lock().unwrap().entry(path.to_owned()).or_default() += 1;
            });
        });
        // Whatever comes of it, the server ends.
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(&server)));
        over.store(true, Ordering::SeqCst);
        if let Err(panic) = result {
            std::panic::resume_unwind(panic);
        }
    });
    asked.into_inner().unwrap()
}

#[test]
fn a_served_pack_is_read_only_and_nothing_but_the_pack() {
    let room = Room::new();
    fs::write(room.path("secret"), "secret").unwrap();
    fs::write(room.path("base/unlisted"), "secret").unwrap();
    served(&room.path("base"), |server| {
        let port = server.port();
        for path in [
            "/../secret",
            "/%2e%2e/secret",
            "/..%2fsecret",
            "//secret",
            "/./../secret",
            "/unlisted",
            "/crictl-amd64/..",
            "\\..\\secret",
            "",
            "http://room/../secret",
        ] {
            let (head, body) = get(port, path, "");
            assert!(
                head.starts_with("HTTP/1.1 404") && body.is_empty(),
                "{path}: {head}"
            );
        }
        for method in ["POST", "PUT", "DELETE"] {
            let answer = ask(port, &format!("{method} /pack.toml HTTP/1.1\r\n\r\n"));
            assert!(answer.starts_with(b"HTTP/1.1 405"), "{method}");
        }
        let whole = fs::read(room.path("base/crictl-amd64")).unwrap();
        let (head, body) = get(port, "/crictl-amd64", "");
        assert!(head.starts_with("HTTP/1.1 200") && body == whole, "{head}");
        let (head, body) = get(port, "/crictl-amd64", "Range: bytes=1000-\r\n");
        assert!(
            head.starts_with("HTTP/1.1 206") && body == whole[1000..],
            "{head}"
        );
        assert!(head.contains(&format!(
            "Content-Range: bytes 1000-{}/{}",
            whole.len() - 1,
            whole.len()
        )));
        let (head, _) = get(port, "/crictl-amd64", "Range: bytes=999999999-\r\n");
        assert!(head.starts_with("HTTP/1.1 416"), "{head}");
        let answer = ask(port, "HEAD /crictl-amd64 HTTP/1.1\r\n\r\n");
        assert!(answer.ends_with(b"\r\n\r\n") && answer.starts_with(b"HTTP/1.1 200"));
        // Thirty at once, one of whom says nothing.
        let silent = TcpStream::connect(("127.0.0.1", port)).unwrap();
        std::thread::scope(|scope| {
            for _ in 0..30 {
                scope.spawn(|| assert!(get(port, "/cni-plugins-arm64", "").1.len() == 300_000));
            }
        });
        drop(silent);
    });
}

#[test]
fn another_computer_takes_a_served_pack_each_byte_once() {
    let room = Room::new();
    done(&room.create());
    let pack = room.unpacked();
    let asked = served(&pack, |server| {
        let base = format!("http://127.0.0.1:{}", server.port());
        let address = format!("{base}/#{}", server.mark());
        for _ in 0..2 {
            done(&room.kprov("laptop", &["pack", "verify", &address]));
        }
        let plan = room.kprov("laptop", &["plan", "--pack", &address]);
        done(&plan);
        assert!(said(&plan).contains("downloads/downloads"), "{}", said(&plan));
        let other = format!("{base}/#{}", "0".repeat(16));
        let refused = room.kprov("laptop", &["up", "--pack", &other]);
        assert_eq!(refused.status.code(), Some(3), "{}", said(&refused));
        assert!(said(&refused).contains(server.mark()), "{}", said(&refused));
        assert!(!room.path(".kprov").exists());
        // The teacher's computer changes a file under its name.
        fs::write(pack.join("crictl-amd64"), content(7)).unwrap();
        let refused = room.kprov("late", &["pack", "verify", &address]);
        assert_eq!(refused.status.code(), Some(3), "{}", said(&refused));
        assert!(said(&refused).contains("/crictl-amd64"), "{}", said(&refused));
        // And goes home: the list and what came are still there.
        fs::write(room.path("address"), address).unwrap();
    });
    // By the laptop and by the one that came late.
    for path in ["/crictl-arm64", "/runc-amd64", "/programs/arm64/kubelet"] {
        assert!(asked[path] <= 2, "{asked:?}");
    }
    let address = fs::read_to_string(room.path("address")).unwrap();
    done(&room.kprov("laptop", &["plan", "--pack", &address]));
    let gone = room.kprov("nobody", &["plan", "--pack", &address]);
    assert_eq!(gone.status.code(), Some(3));
    assert!(said(&gone).contains("kprov pack serve"), "{}", said(&gone));
}
