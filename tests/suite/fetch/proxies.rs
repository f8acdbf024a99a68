//! Proxies of the environment: asked for every host outside, past for those that are excepted and for the room's own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::Output;
use std::sync::{Arc, Mutex};
use std::thread;

use super::packs::{Room, done, said};

/// A proxy that remembers what it was asked for. It lets nobody through, or those who say who they are to one server,
/// whatever host they name.
#[derive(Clone)]
struct Gate {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
    /// The server, and the login as it is said.
    behind: Option<(SocketAddr, &'static str)>,
}

/// A user and a password, as they stand in an address and as they are said (RFC 7617).
pub const LOGIN: &str = "pupil:s%40cret";
const SAID: &str = "Basic cHVwaWw6c0BjcmV0";

impl Gate {
    fn start() -> Self {
        Self::to(None)
    }

    fn to(behind: Option<(SocketAddr, &'static str)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let gate = Self {
            address: format!("http://{}", listener.local_addr().unwrap()),
            asked: Arc::default(),
            behind,
        };
        let serving = gate.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let serving = serving.clone();
                // A client that hangs up has heard enough.
                thread::spawn(move || serving.answer(&stream).ok());
            }
        });
        gate
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// Its address with a user and a password.
    fn with_login(&self) -> String {
        self.address.replace("://", &format!("://{LOGIN}@"))
    }

    fn answer(&self, mut stream: &TcpStream) -> std::io::Result<()> {
        let mut lines = BufReader::new(stream).lines();
        let first = lines.next().unwrap_or_else(|| Ok(String::new()))?;
        self.asked.lock().unwrap().push(first.clone());
        let (mut login, mut rest) = (String::new(), String::new());
        for line in lines {
            let line = line?;
            if line.is_empty() {
                break;
            }
            match line.split_once(": ") {
                Some((name, value)) if name.eq_ignore_ascii_case("proxy-authorization") => {
                    value.clone_into(&mut login);
                }
                _ => rest = format!("{rest}{line}\r\n"),
            }
        }
        let (status, server) = match self.behind {
            None => ("403 Forbidden", None),
            Some((_, wanted)) if login != wanted => ("407 Proxy Authentication Required", None),
            Some((server, _)) => ("", Some(server)),
        };
        let Some(server) = server else {
            let head = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            return stream.write_all(head.as_bytes());
        };
        // The whole address is what a proxy is asked for; a server gets its path.
        let path = first
            .strip_prefix("GET http://")
            .and_then(|rest| Some(rest.split_once('/')?.1));
        let path = path.ok_or(std::io::ErrorKind::InvalidData)?;
        let mut behind = TcpStream::connect(server)?;
        write!(behind, "GET /{path}\r\n{rest}\r\n")?;
        std::io::copy(&mut behind, &mut stream)?;
        stream.shutdown(Shutdown::Both)
    }
}

/// `pack create` from hosts outside, behind these proxies.
pub fn create(room: &Room, mirror: &str, variables: &[(&str, &str)]) -> Output {
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
    // Whichever answered first: all are asked at once.
    let known = ["https://dl.k8s.io/", "https://github.com/"];
    let named = known.iter().any(|host| said(&refused).contains(host));
    assert!(named, "{}", said(&refused));
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

/// The stand-in behind a proxy, and a name for it that nobody knows but the proxy.
fn behind(room: &Room, login: &'static str) -> (Gate, String) {
    let server = room.host.base.trim_start_matches("http://").parse().unwrap();
    (
        Gate::to(Some((server, login))),
        "http://mirror.example:8000".to_owned(),
    )
}

#[test]
fn what_is_not_encrypted_is_asked_for_by_way_of_its_own_proxy() {
    let room = Room::with("bridge", "", &[]);
    let (gate, mirror) = behind(&room, SAID);
    let nowhere = Gate::start();
    let variables = [
        ("http_proxy", gate.with_login()),
        ("HTTPS_PROXY", nowhere.address.clone()),
        ("no_proxy", "example.org,10.0.0.0/8,mirror.example:80".to_owned()),
    ];
    let variables = variables.each_ref().map(|(name, value)| (*name, value.as_str()));
    let made = create(&room, &mirror, &variables);
    done(&made);
    let asked = gate.asked();
    assert!(asked.len() >= 8, "{asked:?}");
    for line in &asked {
        assert!(line.starts_with("GET http://mirror.example:8000/"), "{line}");
    }
    assert_eq!(nowhere.asked(), Vec::<String>::new());
}

#[test]
fn a_proxy_s_password_is_in_no_message() {
    let room = Room::with("bridge", "", &[]);
    let (gate, mirror) = behind(&room, "Basic of somebody else");
    let host = gate.address.trim_start_matches("http://");
    for (variable, mirror, words) in [
        ("HTTP_PROXY", mirror.as_str(), "407"),
        ("HTTPS_PROXY", "", "407"),
        ("ALL_PROXY", &mirror, "407"),
    ] {
        let refused = create(&room, mirror, &[(variable, &gate.with_login())]);
        assert_eq!(refused.status.code(), Some(3), "{variable}: {}", said(&refused));
        let text = said(&refused);
        assert!(
            text.contains(words) && text.contains(&format!("by way of the proxy {host}")),
            "{text}"
        );
        for secret in ["pupil", "s%40cret", "s@cret", &SAID[6..]] {
            assert!(!text.contains(secret), "{variable}: {text}");
        }
    }
    assert!(!gate.asked().is_empty());
}

/// A SOCKS5 proxy that leads to one server, whatever is wanted, and remembers what that was.
fn socks(server: SocketAddr) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let noted = asked.clone();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let noted = noted.clone();
            thread::spawn(move || -> std::io::Result<()> {
                noted.lock().unwrap().push(wanted_by_socks(&stream)?);
                let behind = TcpStream::connect(server)?;
                let (mut from, mut to) = (stream.try_clone()?, behind.try_clone()?);
                thread::spawn(move || std::io::copy(&mut from, &mut to));
                std::io::copy(&mut &behind, &mut &stream)?;
                stream.shutdown(Shutdown::Both)
            });
        }
    });
    (address, asked)
}

/// The host and port that a client of a SOCKS5 proxy wants, who is told that the way there is open (RFC 1928). It has to
/// log in as in [`LOGIN`] (RFC 1929).
pub fn wanted_by_socks(mut stream: &TcpStream) -> std::io::Result<String> {
    let some = move |length: u8| {
        let (mut reader, mut bytes) = (stream, vec![0; length.into()]);
        reader.read_exact(&mut bytes).map(|()| bytes)
    };
    let text = |length: u8| some(length).map(|bytes| String::from_utf8(bytes).unwrap());
    let methods = some(2)?[1];
    assert!(some(methods)?.contains(&2), "no login is offered");
    stream.write_all(&[5, 2])?;
    // Each text has its length before it.
    let user = text(some(2)?[1])?;
    let password = text(some(1)?[0])?;
    let known = (user.as_str(), password.as_str()) == ("pupil", "s@cret");
    stream.write_all(&[1, u8::from(!known)])?;
    let host = match some(4)?[3] {
        1 => some(4)?.iter().map(u8::to_string).collect::<Vec<_>>().join("."),
        _ => text(some(1)?[0])?,
    };
    let port = some(2)?;
    stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0])?;
    Ok(format!("{host}:{}", u16::from_be_bytes([port[0], port[1]])))
}

#[test]
fn a_socks_proxy_is_asked_too_with_names_or_with_addresses() {
    // With the first it is the proxy that knows names, with the second it is this computer, as for curl.
    for (scheme, host) in [("socks5h", "mirror.example"), ("socks5", "192.0.2.7")] {
        let room = Room::with("bridge", "", &[]);
        let server = room.host.base.trim_start_matches("http://").parse().unwrap();
        let (address, asked) = socks(server);
        let proxy = format!("{scheme}://{LOGIN}@{address}");
        let made = create(&room, &format!("http://{host}:8000"), &[("ALL_PROXY", &proxy)]);
        done(&made);
        let asked = asked.lock().unwrap();
        assert!(!asked.is_empty(), "{}", said(&made));
        for wanted in asked.iter() {
            assert_eq!(*wanted, format!("{host}:8000"));
        }
    }
}

#[test]
fn a_socks_proxy_that_is_not_there_is_named_without_its_password() {
    let room = Room::with("bridge", "", &[]);
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let proxy = format!("socks5h://{LOGIN}@{nobody}");
    let refused = create(&room, "", &[("HTTPS_PROXY", &proxy)]);
    assert_eq!(refused.status.code(), Some(3), "{}", said(&refused));
    let text = said(&refused);
    assert!(text.contains(&format!("by way of the proxy {nobody}")), "{text}");
    assert!(!text.contains("s%40cret") && !text.contains("s@cret"), "{text}");
}

#[test]
fn a_variable_that_names_no_proxy_is_named_without_what_it_holds() {
    let room = Room::with("bridge", "", &[]);
    let proxy = format!("pigeon://{LOGIN}@127.0.0.1:1");
    let refused = create(&room, "", &[("HTTPS_PROXY", &proxy)]);
    assert_eq!(refused.status.code(), Some(3), "{}", said(&refused));
    let text = said(&refused);
    assert!(
        text.contains("HTTPS_PROXY names no proxy that kprov can ask"),
        "{text}"
    );
    assert!(!text.contains("pigeon") && !text.contains("pupil"), "{text}");
    // This computer's own addresses need none.
    let base = room.host.base.clone();
    done(&create(&room, &base, &[("ALL_PROXY", &proxy)]));
}
