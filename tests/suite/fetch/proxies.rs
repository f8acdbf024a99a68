//! Proxies of the environment: asked for every host outside, past for those that are excepted and for the room's own.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Output;
use std::sync::{Arc, Mutex};
use std::thread;

use super::packs::{Room, done, said};

/// A proxy that lets nobody through and remembers what it was asked for.
struct Gate {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Gate {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let gate = Self {
            address: format!("http://{}", listener.local_addr().unwrap()),
            asked: Arc::default(),
        };
        let asked = Arc::clone(&gate.asked);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that hangs up has heard enough.
                let _ = refuse(&stream, &asked);
            }
        });
        gate
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn refuse(mut stream: &TcpStream, asked: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    asked.lock().unwrap().push(first);
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    stream.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
}

/// `pack create` from hosts outside, behind these proxies.
fn create(room: &Room, mirror: &str, variables: &[(&str, &str)]) -> Output {
    let mut command = room.command(
        "cache",
        &[
            "pack",
            "create",
            "--pack",
            "base",
            "--arch",
            "amd64",
            "-o",
            "out.tar.zst",
        ],
    );
    command.env("KPROV_MIRROR", mirror);
    for name in ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    command.envs(variables.iter().copied()).output().unwrap()
}

#[test]
fn what_is_outside_is_asked_for_by_way_of_the_proxy() {
    let (room, gate) = (Room::with("bridge", "", &[]), Gate::start());
    let refused = create(&room, "", &[("HTTPS_PROXY", &gate.address)]);
    assert_eq!(refused.status.code(), Some(3), "{}", said(&refused));
    let asked = gate.asked();
    assert!(!asked.is_empty(), "{}", said(&refused));
    for line in &asked {
        // What is not in the pack: Kubernetes and containerd.
        let known = ["CONNECT dl.k8s.io:443 ", "CONNECT github.com:443 "];
        assert!(known.iter().any(|known| line.starts_with(known)), "{line}");
    }
    assert!(said(&refused).contains("https://dl.k8s.io/") || said(&refused).contains("https://github.com/"));
    assert!(said(&refused).contains("HTTPS_PROXY"), "{}", said(&refused));
}

#[test]
fn hosts_that_are_excepted_are_asked_past_it() {
    let (room, gate) = (Room::with("bridge", "", &[]), Gate::start());
    // A patch that there is not: where the hosts can be reached, they say so and send nothing.
    for file in ["cluster.toml", "base/pack.toml"] {
        let text = std::fs::read_to_string(room.path(file)).unwrap();
        std::fs::write(room.path(file), text.replace("1.30.2", "1.30.99")).unwrap();
    }
    let variables = [
        ("HTTPS_PROXY", gate.address.as_str()),
        ("NO_PROXY", "dl.k8s.io,github.com"),
    ];
    let refused = create(&room, "", &variables);
    assert_eq!(refused.status.code(), Some(3), "{}", said(&refused));
    assert!(said(&refused).contains("1.30.99"), "{}", said(&refused));
    assert_eq!(gate.asked(), Vec::<String>::new(), "{}", said(&refused));
}

#[test]
fn mirrors_in_the_room_are_asked_past_it() {
    let (room, gate) = (Room::with("bridge", "", &[]), Gate::start());
    let proxies = ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY"].map(|name| (name, gate.address.as_str()));
    let base = room.host.base.clone();
    done(&create(&room, &base, &proxies));
    assert_eq!(gate.asked(), Vec::<String>::new());
    // A base address with a folder of its own has the hosts below it.
    let below = format!("{base}/mirror/");
    let refused = {
        let mut command = room.command(
            "other",
            &[
                "pack",
                "create",
                "--pack",
                "base",
                "--arch",
                "amd64",
                "-o",
                "b.tar.zst",
            ],
        );
        command.env("KPROV_MIRROR", &below).output().unwrap()
    };
    assert_eq!(refused.status.code(), Some(3), "{}", said(&refused));
    assert!(
        said(&refused).contains(&format!("{base}/mirror/")),
        "{}",
        said(&refused)
    );
    assert!(
        !room
            .host
            .asked_for("mirror/dl.k8s.io/release/v1.30.2/bin/linux/amd64/kubeadm.sha256")
            .is_empty()
    );
}
