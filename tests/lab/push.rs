//! Pushes the files of a pack to several hosts at once, the way `kprov up` does, and says how long that took.
//!
//! `push [--all] KEY PACK HOST…`: logs in as `vagrant`, writes below `/var/tmp/push`. The first host gets what a control
//! plane needs, the others what workers need, or each all of it. For `tests/lab/distribute`.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "what it prints is what it is for"
)]

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use kprov::artifact::{Entry, Kind, Pack};
use kprov::transport::{Cancel, Credentials, Endpoint, Hearer, KnownHosts, Payload, connect};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Hears what goes wrong.
#[derive(Default)]
struct Said(String);

impl Hearer for Said {
    fn line(&mut self, line: &str) {
        self.0 += line;
    }

    fn progress(&mut self, _done: u64, _total: u64) {}
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let all = arguments.first().is_some_and(|first| first == "--all");
    let [key, pack, hosts @ ..] = &arguments[usize::from(all)..] else {
        eprintln!("usage: push [--all] KEY PACK HOST...");
        return ExitCode::from(2);
    };
    match push(all, Path::new(key), Path::new(pack), hosts) {
        Ok((took, bytes)) => {
            println!("{:.3} {bytes}", took.as_secs_f64());
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

/// Returns how long it took, and how many bytes all hosts got.
fn push(all: bool, key: &Path, pack: &Path, hosts: &[String]) -> Result<(Duration, u64), Failure> {
    let pack = Pack::open(pack, &|| false).map_err(|error| error.message)?;
    let mut bytes = 0;
    let mut work = Vec::new();
    for (number, host) in hosts.iter().enumerate() {
        let role = if number == 0 { "control-plane" } else { "worker" };
        // The image of container nodes is what they are made of, and Docker is for those that run it.
        let wanted = |entry: &&Entry| {
            let has_role = entry.roles.is_empty() || entry.roles.iter().any(|own| own == role);
            !matches!(entry.kind, Kind::NodeImage | Kind::Docker) && (all || has_role)
        };
        let mut files = Vec::new();
        for entry in pack.all().iter().filter(wanted) {
            files.push(pack.file(&entry.path, &|| false).map_err(|error| error.message)?);
            bytes += entry.size;
        }
        work.push((host, files));
    }
    let dir = tempfile::tempdir()?;
    let known_hosts = KnownHosts::open(&dir.path().join("known_hosts"))?;
    // scp logs in within its time as well.
    let started = Instant::now();
    thread::scope(|scope| {
        let pushes: Vec<_> = work
            .iter()
            .map(|(host, files)| scope.spawn(|| to(host, key, files, &known_hosts)))
            .collect();
        pushes
            .into_iter()
            .try_for_each(|push| push.join().map_err(|_| "a push panicked")?)
    })?;
    Ok((started.elapsed(), bytes))
}

fn to(host: &str, key: &Path, files: &[PathBuf], known_hosts: &KnownHosts) -> Result<(), Failure> {
    let endpoint = Endpoint {
        host: host.to_owned(),
        port: 22,
    };
    let credentials = Credentials {
        user: "vagrant".to_owned(),
        keys: vec![key.to_owned()],
        agent: false,
    };
    let timeout = Duration::from_secs(3);
    let mut transport = connect(&endpoint, &credentials, known_hosts, timeout, &Cancel::default())?;
    for path in files {
        let file = File::open(path)?;
        let payload = Payload {
            size: file.metadata()?.len(),
            reader: Box::new(file),
        };
        let name = path.file_name().unwrap_or_default().display();
        let script = format!("mkdir -p /var/tmp/push && cat > '/var/tmp/push/{name}'");
        let mut said = Said::default();
        let status = transport.exec(&script, Some(payload), &mut said, &Cancel::default())?;
        if status != 0 {
            return Err(format!("{host}: {name}: {}", said.0).into());
        }
    }
    Ok(())
}
