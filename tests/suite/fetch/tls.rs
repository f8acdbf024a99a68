//! The hosts of the internet by their own names, over TLS, behind a proxy: no mirror is set, so that every address is
//! the one that a computer in a classroom asks.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::packs::{Room, done, said};
use super::proxies::{LOGIN, create, wanted_by_socks};

const HOSTS: [&str; 4] = [
    "dl.k8s.io",
    "github.com",
    "registry.k8s.io",
    "registry-1.docker.io",
];

/// A proxy, of HTTP or of SOCKS, that is all these hosts itself: it gives what the stand-in has of them.
#[derive(Clone)]
struct Internet {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
    behind: SocketAddr,
    identity: Arc<ServerConfig>,
}

impl Internet {
    /// Returns it with the certificate of whoever vouches for it.
    fn start(room: &Room) -> (Self, String) {
        let mut vouching = CertificateParams::default();
        vouching.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let authority = vouching.self_signed(&key).unwrap();
        let issuer = Issuer::new(vouching, key);
        let own_key = KeyPair::generate().unwrap();
        let names = HOSTS.map(ToOwned::to_owned).to_vec();
        let own = CertificateParams::new(names).unwrap();
        let own = own.signed_by(&own_key, &issuer).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let identity = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![own.der().clone()],
                PrivateKeyDer::Pkcs8(own_key.serialize_der().into()),
            )
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let internet = Self {
            address: format!("http://{}", listener.local_addr().unwrap()),
            asked: Arc::default(),
            behind: room.host.base.trim_start_matches("http://").parse().unwrap(),
            identity: Arc::new(identity),
        };
        let serving = internet.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let serving = serving.clone();
                // A client that hangs up has heard enough.
                thread::spawn(move || serving.answer(stream).ok());
            }
        });
        (internet, authority.pem())
    }

    /// One request on each connection.
    fn answer(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let mut first = [0];
        stream.peek(&mut first)?;
        let asked = if first == [5] {
            wanted_by_socks(&stream)?
        } else {
            let head = head_of(&mut stream)?;
            stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
            head[0].clone()
        };
        self.asked.lock().unwrap().push(asked);
        let connection = ServerConnection::new(self.identity.clone()).map_err(std::io::Error::other)?;
        let mut stream = StreamOwned::new(connection, stream);
        let head = head_of(&mut stream)?;
        let header = |name: &str| {
            let mut named = head.iter().filter_map(|line| line.split_once(": "));
            named
                .find(|(own, _)| own.eq_ignore_ascii_case(name))
                .map(|(_, value)| value)
        };
        let path = head[0].split(' ').nth(1).unwrap_or_default();
        let folder = if path.starts_with("/v2/") {
            String::new()
        } else {
            format!("/{}", header("host").unwrap_or_default())
        };
        let mut behind = TcpStream::connect(self.behind)?;
        write!(behind, "GET {folder}{path} HTTP/1.1\r\n")?;
        for line in &head[1..] {
            write!(behind, "{line}\r\n")?;
        }
        behind.write_all(b"\r\n")?;
        std::io::copy(&mut behind, &mut stream)?;
        stream.conn.send_close_notify();
        stream.flush()
    }

    fn asked(&self) -> BTreeSet<String> {
        self.asked.lock().unwrap().iter().cloned().collect()
    }
}

/// The lines of a request up to the empty one. Nothing comes after it before it is answered.
fn head_of(stream: &mut impl Read) -> std::io::Result<Vec<String>> {
    let mut lines = Vec::new();
    for line in BufReader::new(stream).lines() {
        let line = line?;
        if line.is_empty() {
            break;
        }
        lines.push(line);
    }
    let cut = std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
    if lines.is_empty() { Err(cut) } else { Ok(lines) }
}

/// A room without mirrors, the hosts outside of it, and the file with the certificate of whoever vouches for them.
fn outside() -> (Room, Internet, String) {
    let room = Room::with("bridge", "", &[]);
    let config = fs::read_to_string(room.path("cluster.toml")).unwrap();
    let mirror = format!("registry_mirrors = [\"{}\"]", room.host.base);
    assert!(config.contains(&mirror));
    fs::write(room.path("cluster.toml"), config.replace(&mirror, "")).unwrap();
    let (internet, authority) = Internet::start(&room);
    let file = room.path("authority.pem");
    fs::write(&file, authority).unwrap();
    let file = file.to_str().unwrap().to_owned();
    (room, internet, file)
}

#[test]
fn hosts_are_asked_by_their_own_names_over_tls() {
    let (room, internet, authority) = outside();
    let proxy = ("HTTPS_PROXY", internet.address.as_str());

    // Nobody that this computer trusts vouches for these hosts: not a byte is asked for.
    let refused = create(&room, "", &[proxy]);
    assert_eq!(refused.status.code(), Some(3), "{}", said(&refused));
    assert!(said(&refused).contains("SSL_CERT_FILE"), "{}", said(&refused));
    assert_eq!(room.host.requests(), 0);
    // Asking again would change nothing.
    let lines = internet.asked.lock().unwrap().len();
    assert!(lines <= HOSTS.len() * 4, "{lines} tries");

    let trusted = ("SSL_CERT_FILE", authority.as_str());
    done(&create(&room, "", &[proxy, trusted]));
    let wanted = HOSTS.map(|host| format!("CONNECT {host}:443 HTTP/1.1"));
    assert_eq!(internet.asked(), BTreeSet::from(wanted));
    let requests = room.host.requests();
    assert!(requests > 0);
    done(&create(&room, "", &[proxy, trusted]));
    assert_eq!(room.host.requests(), requests, "something was asked for twice");
}

#[test]
fn a_socks_proxy_leads_to_the_same_hosts() {
    let (room, internet, authority) = outside();
    let proxy = internet
        .address
        .replace("http://", &format!("socks5h://{LOGIN}@"));
    let variables = [("HTTPS_PROXY", proxy.as_str()), ("SSL_CERT_FILE", &authority)];
    done(&create(&room, "", &variables));
    let wanted = HOSTS.map(|host| format!("{host}:443"));
    assert_eq!(internet.asked(), BTreeSet::from(wanted));
}
