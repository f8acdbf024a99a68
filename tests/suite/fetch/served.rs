//! `kprov pack serve`: a pack that a room takes from one computer.

use std::collections::HashMap;
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use kprov::artifact::{Pack, Server};

use super::content;
use super::host::{Mood, sum_of};
use super::packs::{Room, done, said};

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
    let pack = Pack::open(dir, &|| false).unwrap();
    let server = Server::bind(&pack, SocketAddr::from(([127, 0, 0, 1], 0)), &|| false).unwrap();
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

/// As by a laptop that was closed in the middle of a file, which is larger than what the sockets hold.
#[test]
fn a_server_ends_also_while_somebody_is_in_the_middle_of_a_file() {
    let room = Room::new();
    room.packs("manifest", "large", &vec![0; 32 << 20]);
    let (mut client, mut asked) = (None, Instant::now());
    served(&room.path("base"), |server| {
        let mut stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
        stream.write_all(b"GET /large HTTP/1.1\r\n\r\n").unwrap();
        stream.read_exact(&mut [0; 1000]).unwrap();
        client = Some(stream);
        asked = Instant::now();
    });
    // One that takes nothing would be waited for, for a minute.
    assert!(asked.elapsed() < Duration::from_secs(30), "{:?}", asked.elapsed());
    drop(client);
}

#[test]
fn the_list_of_another_pack_does_not_take_the_place_of_the_right_one() {
    let room = Room::new();
    let list = |name: &str| {
        format!(
            "format = 1\nkubernetes = \"1.30.2\"\n[[file]]\nkind = \"program\"\nname = \"{name}\"\npath = \"a\"\n\
             sha256 = \"{}\"\nsize = 1\n",
            sum_of(b"a")
        )
    };
    let address = format!("{}/#{}", room.host.base, &sum_of(list("right").as_bytes())[..16]);
    let listed = || room.kprov("cache", &["pack", "list", &address]);
    room.host.serve_plain("pack.toml", list("right").as_bytes());
    done(&listed());
    room.host.serve_plain("pack.toml", list("other").as_bytes());
    assert_eq!(listed().status.code(), Some(3));
    // Nobody is there any more.
    let gone = Mood {
        busy: usize::MAX,
        ..Mood::default()
    };
    room.host.mood("pack.toml", gone);
    let kept = listed();
    done(&kept);
    assert!(said(&kept).contains("right"), "{}", said(&kept));
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
