//! A real sshd with keys of its own, in a folder of its own, on a free port of the loopback.

use std::fmt::Write as _;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use kprov::transport::{
    self, Cancel, ConnectError, Credentials, Endpoint, Hearer, KnownHosts, Lost, Payload, Transport,
};
use tempfile::TempDir;

use crate::tools::{require, skip};

/// A running server; it ends with this value.
pub struct Server {
    program: PathBuf,
    child: Child,
    port: u16,
    dir: TempDir,
    pub known_hosts: KnownHosts,
}

impl Server {
    /// A server that takes the key `id` of its folder for the user of this test. `None` where the test is to end.
    pub fn start() -> Option<Self> {
        Self::start_with("")
    }

    /// The same with more lines in its settings.
    pub fn start_with(settings: &str) -> Option<Self> {
        let (program, _) = (require("sshd")?, require("ssh-keygen")?);
        if !rustix::process::geteuid().is_root() {
            skip("sshd", "an exec is done as root, and this user is another");
            return None;
        }
        // Debian's sshd wants the folder that its service makes.
        let _ = fs::create_dir_all("/run/sshd");
        let dir = tempfile::tempdir().unwrap();
        for name in ["host", "other-host", "id", "stranger"] {
            make_key(&dir.path().join(name));
        }
        fs::copy(dir.path().join("id.pub"), dir.path().join("authorized_keys")).unwrap();
        fs::write(dir.path().join("settings"), settings).unwrap();
        // Last, as until sshd takes it the port is anybody's.
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let child = spawn(&program, dir.path(), port, "host");
        let known_hosts = KnownHosts::open(&dir.path().join("known_hosts")).unwrap();
        Some(Self {
            program,
            child,
            port,
            dir,
            known_hosts,
        })
    }

    /// Starts it again with another host key, as after somebody else took the machine's address.
    pub fn change_host_key(&mut self) {
        self.stop();
        self.child = spawn(&self.program, self.dir.path(), self.port, "other-host");
    }

    pub fn endpoint(&self) -> Endpoint {
        Endpoint {
            host: "127.0.0.1".to_owned(),
            port: self.port,
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Logs in as root with a key of its folder.
    pub fn connect_with(&self, key: &str) -> Result<Box<dyn Transport>, ConnectError> {
        self.connect_to(&self.endpoint(), key)
    }

    /// Logs in with the right key at another port that leads here.
    pub fn connect_by(&self, port: u16) -> Box<dyn Transport> {
        let endpoint = Endpoint {
            port,
            ..self.endpoint()
        };
        self.connect_to(&endpoint, "id")
            .unwrap_or_else(|error| panic!("{error}: {}", self.log()))
    }

    fn connect_to(&self, endpoint: &Endpoint, key: &str) -> Result<Box<dyn Transport>, ConnectError> {
        let credentials = Credentials {
            user: "root".to_owned(),
            keys: vec![self.path("no-such-key"), self.path(key)],
            agent: false,
        };
        let (known_hosts, timeout) = (&self.known_hosts, Duration::from_secs(30));
        transport::connect(endpoint, &credentials, known_hosts, timeout, &Cancel::default())
    }

    /// Logs in with the right key.
    pub fn connect(&self) -> Box<dyn Transport> {
        self.connect_with("id")
            .unwrap_or_else(|error| panic!("{error}: {}", self.log()))
    }

    /// Ends the processes that serve the sessions, which are the server's children.
    pub fn kill_sessions(&self) {
        let mut ended = 0;
        for entry in fs::read_dir("/proc").unwrap().flatten() {
            let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
            // pid (name) state parent …; the name may hold blanks.
            let parent = stat
                .rsplit_once(") ")
                .and_then(|(_, rest)| rest.split(' ').nth(1));
            if parent == Some(&self.child.id().to_string()) {
                let pid = entry.file_name().to_str().unwrap().parse().unwrap();
                let pid = rustix::process::Pid::from_raw(pid).unwrap();
                rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
                ended += 1;
            }
        }
        assert!(ended > 0, "there is no session to end");
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

fn make_key(path: &Path) {
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f"])
        .arg(path)
        .status();
    assert!(made.unwrap().success());
}

fn spawn(program: &Path, dir: &Path, port: u16, host_key: &str) -> Child {
    let mut config = fs::read_to_string(dir.join("settings")).unwrap();
    let settings = [
        ("Port", port.to_string()),
        ("ListenAddress", "127.0.0.1".to_owned()),
        ("HostKey", dir.join(host_key).display().to_string()),
        (
            "AuthorizedKeysFile",
            dir.join("authorized_keys").display().to_string(),
        ),
        ("PidFile", "none".to_owned()),
        ("AuthenticationMethods", "publickey".to_owned()),
        ("PermitRootLogin", "prohibit-password".to_owned()),
        // The temporary folder may be open to everybody.
        ("StrictModes", "no".to_owned()),
        ("UsePAM", "no".to_owned()),
    ];
    for (key, value) in settings {
        let _ = writeln!(config, "{key} {value}");
    }
    fs::write(dir.join("config"), config).unwrap();
    let log = fs::File::create(dir.join("log")).unwrap();
    let mut child = Command::new(program)
        .args(["-D", "-e", "-f"])
        .arg(dir.join("config"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        let ended = child.try_wait().unwrap();
        let log = || fs::read_to_string(dir.join("log")).unwrap_or_default();
        assert!(ended.is_none() && Instant::now() < deadline, "sshd: {}", log());
        thread::sleep(Duration::from_millis(20));
    }
    child
}

/// What is done when a line comes.
pub type OnLine = Box<dyn FnMut(&str) + Send>;

/// Keeps what an exec said.
#[derive(Default)]
pub struct Ear {
    pub lines: Vec<String>,
    pub progress: Vec<(u64, u64)>,
    /// Called for each line.
    pub on_line: Option<OnLine>,
}

impl Hearer for Ear {
    fn line(&mut self, line: &str) {
        if let Some(on_line) = &mut self.on_line {
            on_line(line);
        }
        self.lines.push(line.to_owned());
    }

    fn progress(&mut self, done: u64, total: u64) {
        self.progress.push((done, total));
    }
}

/// Runs a script and returns its exit status and its lines.
pub fn exec(session: &mut dyn Transport, script: &str, payload: Option<Payload>) -> Result<(i32, Ear), Lost> {
    let mut ear = Ear::default();
    let status = session.exec(script, payload, &mut ear, &Cancel::default())?;
    Ok((status, ear))
}
