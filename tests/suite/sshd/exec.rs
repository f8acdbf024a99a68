//! Scripts, payloads, output and exit status through a real server.

use std::fs;
use std::io::{self, Cursor, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use kprov::transport::{Cancel, Lost, Payload};
use sha2::{Digest, Sha256};

use super::server::{Ear, Server, exec};

#[test]
fn a_script_runs_as_root_and_its_status_comes_back() {
    let Some(server) = Server::start() else { return };
    let mut session = server.connect();
    let (status, ear) = exec(
        &mut *session,
        "id -u\necho \"it's \\\"quoted\\\" $((6*7))\" >&2\nexit 23\n",
        None,
    )
    .unwrap();
    assert_eq!(
        (status, ear.lines),
        (23, vec!["0".to_owned(), "it's \"quoted\" 42".to_owned()])
    );
    // One session serves many execs.
    let (status, ear) = exec(&mut *session, "printf 'no end of line'\n", None).unwrap();
    assert_eq!((status, ear.lines), (0, vec!["no end of line".to_owned()]));
}

#[test]
fn a_payload_of_20_megabytes_arrives_whole() {
    let Some(server) = Server::start() else { return };
    whole(&server);
}

/// OpenSSH itself wants new keys after a gigabyte, with some ciphers, and hardened servers much sooner.
#[test]
fn a_server_that_wants_new_keys_on_the_way_gets_them() {
    let Some(server) = Server::start_with("RekeyLimit 1M\nLogLevel DEBUG1\n") else {
        return;
    };
    whole(&server);
    let times = server.log().matches("rekeying").count();
    assert!(times >= 10, "new keys {times} times: {}", server.log());
}

/// Says how much of it was taken.
struct Counted(u64, Arc<AtomicU64>);

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = io::repeat(b'x').take(self.0).read(buffer)?;
        self.0 -= read as u64;
        self.1.fetch_add(read as u64, Ordering::SeqCst);
        Ok(read)
    }
}

#[test]
fn a_command_that_reads_slowly_is_sent_little_more_than_it_has_read() {
    let Some(server) = Server::start() else { return };
    let taken = Arc::new(AtomicU64::new(0));
    let ahead = Arc::new(Mutex::new(Vec::new()));
    let (seen, noted) = (taken.clone(), ahead.clone());
    let mut ear = Ear {
        on_line: Some(Box::new(move |line| {
            let read: u64 = line.parse().unwrap();
            noted.lock().unwrap().push(seen.load(Ordering::SeqCst) - read);
        })),
        ..Ear::default()
    };
    let size = 8_000_000;
    let payload = Payload {
        reader: Box::new(Counted(size, taken)),
        size,
    };
    let script = "for i in {1..16}; do sleep 0.05; head -c 500000 > /dev/null; echo $((i * 500000)); done\n";
    let status = server
        .connect()
        .exec(script, Some(payload), &mut ear, &Cancel::default());
    assert!(matches!(status, Ok(0)), "{status:?}");
    let ahead = ahead.lock().unwrap();
    assert_eq!(ahead.len(), 16);
    // A server would take 2 MB. On a machine that stands still for a while more is sent than usual.
    let least = ahead[4..12].iter().min().unwrap();
    assert!(*least < 1_000_000, "{ahead:?}");
}

#[test]
fn a_command_that_sleeps_before_it_reads_gets_all_of_it() {
    let Some(server) = Server::start() else { return };
    let payload = Payload {
        reader: Box::new(Cursor::new(vec![b'x'; 8_000_000])),
        size: 8_000_000,
    };
    let (status, ear) = exec(&mut *server.connect(), "sleep 3\nwc -c\n", Some(payload)).unwrap();
    assert_eq!((status, ear.lines), (0, vec!["8000000".to_owned()]));
}

fn whole(server: &Server) {
    let bytes: Vec<u8> = (0..20_000_000_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let sum = Sha256::digest(&bytes);
    let sum = sum
        .iter()
        .fold(String::new(), |sum, byte| format!("{sum}{byte:02x}"));
    let size = bytes.len() as u64;
    let payload = Payload {
        reader: Box::new(Cursor::new(bytes)),
        size,
    };
    let (status, ear) = exec(&mut *server.connect(), "sha256sum\n", Some(payload)).unwrap();
    // A server that tells what it does tells it to the command as well.
    assert_eq!((status, ear.lines.last()), (0, Some(&format!("{sum}  -"))));
    assert_eq!(ear.progress.first(), Some(&(0, size)));
    assert_eq!(ear.progress.last(), Some(&(size, size)));
}

#[test]
fn a_script_that_does_not_want_its_payload_is_not_held_up() {
    let Some(server) = Server::start() else { return };
    let payload = Payload {
        reader: Box::new(Cursor::new(vec![0; 8_000_000])),
        size: 8_000_000,
    };
    let (status, ear) = exec(&mut *server.connect(), "echo no\nexit 5\n", Some(payload)).unwrap();
    assert_eq!((status, ear.lines), (5, vec!["no".to_owned()]));
}

#[test]
fn a_script_that_says_much_before_it_reads_is_heard_meanwhile() {
    let Some(server) = Server::start() else { return };
    let payload = Payload {
        reader: Box::new(Cursor::new(vec![b'x'; 8_000_000])),
        size: 8_000_000,
    };
    // More than fits into the windows of both directions.
    let script = "seq 1000000\nwc -c\n";
    let (status, ear) = exec(&mut *server.connect(), script, Some(payload)).unwrap();
    assert_eq!((status, ear.lines.len()), (0, 1_000_001));
    assert_eq!(ear.lines.last().map(String::as_str), Some("8000000"));
}

#[test]
fn a_hundred_thousand_lines_come_in_order() {
    let Some(server) = Server::start() else { return };
    let (status, ear) = exec(&mut *server.connect(), "seq 100000\n", None).unwrap();
    assert_eq!((status, ear.lines.len()), (0, 100_000));
    let in_order = ear
        .lines
        .iter()
        .zip(1..)
        .all(|(line, number)| *line == number.to_string());
    assert!(in_order);
}

/// Runs a script that would take much longer, and cancels at its first line.
fn is_heeded_soon(script: &str) {
    let Some(server) = Server::start() else { return };
    let mut session = server.connect();
    let cancel = Cancel::default();
    let asked = cancel.clone();
    let mut ear = Ear {
        on_line: Some(Box::new(move |_| asked.cancel())),
        ..Ear::default()
    };
    let before = Instant::now();
    let ended = session.exec(script, None, &mut ear, &cancel);
    assert!(matches!(ended, Err(Lost::Cancelled)), "{ended:?}");
    assert!(
        before.elapsed() < Duration::from_secs(10),
        "{:?}",
        before.elapsed()
    );
}

#[test]
fn cancel_is_heeded_soon() {
    is_heeded_soon("echo begun\nexec sleep 30\n");
}

#[test]
fn cancel_is_heeded_also_while_the_command_never_stops_talking() {
    // For 20 seconds.
    is_heeded_soon("for i in {1..400}; do echo $i; sleep 0.05; done\n");
}

/// As after a machine's power was cut while nothing was asked of it: packets are lost, and nobody says so.
#[test]
fn a_host_that_vanished_between_two_commands_is_missed() {
    let Some(server) = Server::start() else { return };
    let relay = Relay::to(server.endpoint().port);
    let mut session = server.connect_by(relay.port);
    let (status, _) = exec(&mut *session, "true\n", None).unwrap();
    assert_eq!(status, 0);
    relay.vanish();
    let (sender, ended) = mpsc::channel();
    thread::spawn(move || {
        let ended = exec(&mut *session, "true\n", None).map(|(status, _)| status);
        sender.send(ended)
    });
    // It is asked whether it is there after 20 seconds; without that it would be a quarter of an hour.
    let ended = ended.recv_timeout(Duration::from_secs(60));
    assert!(matches!(ended, Ok(Err(Lost::Connection(_)))), "{ended:?}");
}

/// Passes one connection on to another port, until it vanishes.
struct Relay {
    port: u16,
    vanished: Arc<AtomicBool>,
    at_work: Vec<thread::JoinHandle<()>>,
}

impl Relay {
    fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let own = listener.local_addr().unwrap().port();
        let vanished = Arc::new(AtomicBool::new(false));
        let gone = vanished.clone();
        let serve = thread::spawn(move || {
            let (near, _) = listener.accept().unwrap();
            let far = TcpStream::connect(("127.0.0.1", port)).unwrap();
            let ways = [(near.try_clone().unwrap(), far.try_clone().unwrap()), (far, near)];
            let ways = ways.map(|(from, to)| {
                let gone = gone.clone();
                thread::spawn(move || pass_on(from, to, &gone))
            });
            for way in ways {
                way.join().unwrap();
            }
            // From here on nobody listens; the connection stays open.
            drop(listener);
        });
        Self {
            port: own,
            vanished,
            at_work: vec![serve],
        }
    }

    fn vanish(self) {
        self.vanished.store(true, Ordering::SeqCst);
        for thread in self.at_work {
            thread.join().unwrap();
        }
    }
}

fn pass_on(mut from: TcpStream, mut to: TcpStream, gone: &AtomicBool) {
    from.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
    let mut buffer = vec![0; 1 << 16];
    while !gone.load(Ordering::SeqCst) {
        match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => to.write_all(&buffer[..read]).unwrap(),
            Err(error) => assert!(
                matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut),
                "{error}"
            ),
        }
    }
    // A socket that is closed says so to the other side.
    std::mem::forget((from, to));
}

#[test]
fn a_script_is_in_no_process_list() {
    let Some(server) = Server::start() else { return };
    let marker = format!("marker-{}", std::process::id());
    let wanted = marker.clone();
    let lists = || {
        let processes = fs::read_dir("/proc").unwrap().flatten();
        let read = |entry: fs::DirEntry| fs::read(entry.path().join("cmdline")).ok();
        processes
            .filter_map(read)
            .map(|line| String::from_utf8_lossy(&line).into_owned())
            .collect::<Vec<_>>()
    };
    let seen = Arc::new(Mutex::new(None));
    let noted = seen.clone();
    let mut ear = Ear {
        on_line: Some(Box::new(move |line| {
            if line == "now" {
                *noted.lock().unwrap() = Some(lists());
            }
        })),
        ..Ear::default()
    };
    let script = format!("TOKEN={marker}\necho now\nsleep 0.5\n[[ $TOKEN == marker-* ]]\n");
    let status = server.connect().exec(&script, None, &mut ear, &Cancel::default());
    assert!(matches!(status, Ok(0)), "{status:?}");
    let seen = seen.lock().unwrap().take().expect("the script said when to look");
    assert!(
        seen.iter().any(|line| line.contains("eval")),
        "the shell itself was not seen: {seen:?}"
    );
    let told: Vec<&String> = seen.iter().filter(|line| line.contains(&wanted)).collect();
    assert!(told.is_empty(), "{told:?}");
}
