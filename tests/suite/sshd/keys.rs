//! Who may log in, and to whom.

use std::fs;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use kprov::transport::{Cancel, ConnectError, Credentials, Endpoint, KnownHosts, connect};

use super::server::{Server, exec};
use crate::place::Place;
use crate::tools::require;

#[test]
fn a_host_key_is_pinned_and_a_changed_one_refused_until_it_is_forgotten() {
    let Some(mut server) = Server::start() else { return };
    server.connect();
    let pinned = fs::read_to_string(server.path("known_hosts")).unwrap();
    let public = fs::read_to_string(server.path("host.pub")).unwrap();
    let key = public.split(' ').nth(1).unwrap();
    let endpoint = server.endpoint();
    assert_eq!(
        pinned,
        format!("[127.0.0.1]:{} ssh-ed25519 {key}\n", endpoint.port)
    );
    server.connect();

    server.change_host_key();
    let refused = server.connect_with("id").err().expect("a changed key is refused");
    assert!(
        matches!(&refused, ConnectError::HostKeyChanged { file, .. } if *file == server.path("known_hosts")),
        "{refused}"
    );
    assert!(refused.to_string().contains(&endpoint.to_string()), "{refused}");
    assert_eq!(
        fs::read_to_string(server.path("known_hosts")).unwrap(),
        pinned,
        "the pin was changed"
    );
    // A new kprov reads the pin from the file.
    server.known_hosts = KnownHosts::open(&server.path("known_hosts")).unwrap();
    assert!(matches!(
        server.connect_with("id"),
        Err(ConnectError::HostKeyChanged { .. })
    ));

    server.known_hosts.forget(&endpoint.host, endpoint.port).unwrap();
    let (status, _) = exec(&mut *server.connect(), "true\n", None).unwrap();
    assert_eq!(status, 0);
}

#[test]
fn openssh_reads_the_pinned_keys() {
    let Some(server) = Server::start() else { return };
    let Some(ssh) = require("ssh") else {
        return;
    };
    server.connect();
    let endpoint = server.endpoint();
    let said = Command::new(ssh)
        .args([
            "-F",
            "none",
            "-o",
            "BatchMode=yes",
            "-o",
            "StrictHostKeyChecking=yes",
            "-o",
        ])
        .arg(format!(
            "UserKnownHostsFile={}",
            server.path("known_hosts").display()
        ))
        .args(["-o", "IdentitiesOnly=yes", "-i"])
        .arg(server.path("id"))
        .args(["-p", &endpoint.port.to_string(), "root@127.0.0.1", "echo in"])
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8_lossy(&said.stdout),
        "in\n",
        "{}",
        String::from_utf8_lossy(&said.stderr)
    );
}

#[test]
fn a_key_that_the_host_does_not_know_is_refused_with_its_file() {
    let Some(server) = Server::start() else { return };
    let refused = server
        .connect_with("stranger")
        .err()
        .expect("a stranger is refused");
    assert!(matches!(refused, ConnectError::Refused(_)), "{refused}");
    let text = refused.to_string();
    assert!(
        text.contains("stranger") && text.contains("root@127.0.0.1"),
        "{text}"
    );
    let missing = server
        .connect_with("nowhere")
        .err()
        .expect("no key is refused")
        .to_string();
    assert!(missing.contains("nowhere: no such file"), "{missing}");
}

#[test]
fn the_key_of_an_agent_need_not_be_its_first() {
    let (Some(server), Some(_)) = (Server::start(), require("ssh-agent")) else {
        return;
    };
    let socket = server.path("agent");
    let mut agent = Command::new("ssh-agent")
        .args(["-D", "-a"])
        .arg(&socket)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let added = || {
        let mut add = Command::new("ssh-add");
        add.arg("-q").args([server.path("stranger"), server.path("id")]);
        add.env("SSH_AUTH_SOCK", &socket).stderr(Stdio::null());
        add.status().unwrap().success()
    };
    let deadline = Instant::now() + Duration::from_secs(60);
    while !added() && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(20));
    }
    let place = Place::with(&format!(
        "[cluster]\nname = \"lab\"\nkubernetes = \"1.20.2\"\nprovider = \"ssh\"\n\
         [network]\nnodes = \"10.222.0.0/24\"\n[workers]\ncount = 0\n[ssh]\nuser = \"root\"\n\
         [[node]]\nname = \"desk\"\nrole = \"control-plane\"\naddress = \"10.222.0.10\"\nhost = \"127.0.0.1\"\nport = {}\n",
        server.endpoint().port
    ));
    fs::create_dir_all(place.path(".kprov/lab")).unwrap();
    fs::write(place.path(".kprov/lab/provider"), "ssh").unwrap();
    // It only looks, and there is no kubelet here.
    let look = ["verify", "--only", "kubelet"];
    let said = place.kprov_with(&look, &[("SSH_AUTH_SOCK", socket.to_str().unwrap())]);
    agent.kill().unwrap();
    agent.wait().unwrap();
    let log = server.log();
    assert!(log.contains("Accepted publickey for root"), "{said:#?}{log}");
}

/// Why there is no session at this port of the loopback, for somebody without a key.
fn told_at(port: u16, cancel: &Cancel) -> ConnectError {
    let dir = tempfile::tempdir().unwrap();
    let known_hosts = KnownHosts::open(&dir.path().join("known_hosts")).unwrap();
    let endpoint = Endpoint {
        host: "127.0.0.1".to_owned(),
        port,
    };
    let credentials = Credentials {
        user: "root".to_owned(),
        keys: Vec::new(),
        agent: false,
    };
    connect(
        &endpoint,
        &credentials,
        &known_hosts,
        Duration::from_secs(2),
        cancel,
    )
    .err()
    .expect("nobody is there")
}

#[test]
fn nobody_at_home_is_told_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let told = told_at(port, &Cancel::default());
    assert!(
        matches!(&told, ConnectError::NothingListens(there) if there.port == port),
        "{told}"
    );
    assert_eq!(
        told.to_string(),
        format!("nothing listens on port {port} of 127.0.0.1")
    );
}

#[test]
fn a_stop_is_heard_while_a_server_says_nothing() {
    // It takes the connection, and greets nobody.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let cancel = Cancel::default();
    let (asked, told) = thread::scope(|scope| {
        let asked = scope.spawn(|| {
            let session = listener.accept();
            cancel.cancel();
            (Instant::now(), session)
        });
        let told = told_at(port, &cancel);
        (asked.join().unwrap().0, told)
    });
    assert!(matches!(told, ConnectError::Cancelled), "{told}");
    // The handshake itself would be given up after 10.
    assert!(asked.elapsed() < Duration::from_secs(6), "{:?}", asked.elapsed());
}
