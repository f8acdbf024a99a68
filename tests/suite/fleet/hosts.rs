//! The pretend hosts: what the engine asks of the world, answered from folders.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use kprov::engine::{BootHearer, FactSource, Unreachable, World};
use kprov::error::{Error, Result};
use kprov::names::NodeName;
use kprov::plan::Workstation;
use kprov::transport::{Cancel, Hearer, Lost, Payload, Transport};

/// A fleet whose hosts keep their state from run to run.
#[derive(Default)]
pub struct Fleet {
    /// Hosts that answer; others have to be booted.
    pub running: Mutex<BTreeSet<String>>,
    /// Hosts of those that do not answer whose network does.
    pub without_server: BTreeSet<String>,
    /// Hosts that no boot brings up, with what the provider says.
    pub unbootable: BTreeMap<String, String>,
    /// How many machines may boot at once.
    pub places: usize,
    /// How long a boot takes.
    pub boot_time: Duration,
    /// Machines share something, which is made when the boot time is over; `shared NAME` in the log is the end of that.
    pub shares: bool,
    /// No boot ends before so many machines were booting at once, or 20 seconds are over; 0 for at once.
    pub boots_together: usize,
    /// Artifacts by path.
    pub artifacts: BTreeMap<String, Vec<u8>>,
    /// What happened outside of hosts, in order: `boot NAME`, `shared NAME`, `booted NAME`, `connect NAME`,
    /// `exec NAME`, `payload PATH`.
    pub log: Arc<Mutex<Vec<String>>>,
    /// The connection breaks, once.
    pub cut: Arc<Mutex<Option<Cut>>>,
    /// A connection is made only when so many are about to be, at the latest after 20 seconds; 0 for at once.
    pub connects_together: usize,
    /// How long nobody answers where nobody is.
    pub dial_time: Duration,
    connecting: (Mutex<usize>, Condvar),
    booting: AtomicUsize,
    /// The most machines that were booting at once.
    pub most_booting: AtomicUsize,
}

/// When a connection breaks.
pub enum Cut {
    /// When a line with this text comes, which is not heard any more.
    Before(&'static str),
    /// After a line with this text.
    After(&'static str),
}

impl Fleet {
    /// Hosts that all answer.
    pub fn of(names: &[&str]) -> Self {
        Self {
            running: Mutex::new(names.iter().map(ToString::to_string).collect()),
            places: 1,
            ..Self::default()
        }
    }

    /// How often something stands in the log.
    pub fn count(&self, what: &str) -> usize {
        self.log
            .lock()
            .unwrap()
            .iter()
            .filter(|line| *line == what)
            .count()
    }

    /// The most connections that were about to be made at once, as far as they were waited for.
    pub fn most_connecting(&self) -> usize {
        *self.connecting.0.lock().unwrap()
    }

    fn note(&self, line: String) {
        self.log.lock().unwrap().push(line);
    }
}

impl World for Fleet {
    fn connect(&self, node: &NodeName, _: &Cancel) -> Result<Box<dyn Transport>, Unreachable> {
        self.note(format!("connect {node}"));
        if self.connects_together > 0 {
            let mut connecting = self.connecting.0.lock().unwrap();
            *connecting += 1;
            self.connecting.1.notify_all();
            let alone = |connecting: &mut usize| *connecting < self.connects_together;
            let long = Duration::from_secs(20);
            let (mut connecting, late) = self
                .connecting
                .1
                .wait_timeout_while(connecting, long, alone)
                .unwrap();
            if late.timed_out() {
                *connecting -= 1;
            }
        }
        if self.running.lock().unwrap().contains(node.as_str()) {
            Ok(Box::new(Host {
                name: node.to_string(),
                log: self.log.clone(),
                cut: self.cut.clone(),
            }))
        } else if self.without_server.contains(node.as_str()) {
            Err(Unreachable::NothingListens {
                reason: format!("nothing listens on port 22 of {node}"),
                hints: vec![format!("start the server of {node}")],
            })
        } else {
            thread::sleep(self.dial_time);
            Err(Unreachable::NotYet(format!("{node} is silent")))
        }
    }

    fn connect_otherwise(&self, node: &NodeName, cancel: &Cancel) -> Result<Box<dyn Transport>, Unreachable> {
        self.connect(node, cancel)
    }

    fn boot(&self, node: &NodeName, hearer: &mut dyn BootHearer) -> Result<()> {
        self.note(format!("boot {node}"));
        let now = self.booting.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_booting.fetch_max(now, Ordering::SeqCst);
        hearer.line("Bringing machine up");
        thread::sleep(self.boot_time);
        if self.shares {
            self.note(format!("shared {node}"));
            hearer.shared_is_made();
        }
        let long = Instant::now() + Duration::from_secs(20);
        while self.most_booting.load(Ordering::SeqCst) < self.boots_together && Instant::now() < long {
            thread::sleep(Duration::from_millis(5));
        }
        self.booting.fetch_sub(1, Ordering::SeqCst);
        self.note(format!("booted {node}"));
        if let Some(why) = self.unbootable.get(node.as_str()) {
            return Err(Error::step(why.clone()).evidence(["the provider's last line"]));
        }
        self.running.lock().unwrap().insert(node.to_string());
        Ok(())
    }

    fn boot_parallelism(&self) -> usize {
        self.places
    }

    fn first_boots_alone(&self) -> bool {
        self.shares
    }

    fn workstation_check(&self, work: &Workstation, fact: &FactSource) -> Result<String, String> {
        let (sum, content) = match work {
            Workstation::Kubeconfig { sum, content } => (sum, content),
            Workstation::Clocks { nodes } => {
                let silent = nodes
                    .iter()
                    .find(|node| self.connect(node, &Cancel::default()).is_err());
                return silent.map_or(Ok("the same".to_owned()), |node| Err(format!("{node} is silent")));
            }
            Workstation::Power { node, on: true } => {
                self.running.lock().unwrap().insert(node.to_string());
                return Ok(format!("{node} answers"));
            }
            _ => return Ok("there".to_owned()),
        };
        let written = self.log.lock().unwrap().iter().any(|line| line == "kubeconfig");
        let sum = fact(sum).ok_or("the sum is missing")?;
        if written {
            return Ok(format!("as {}", sum.len()));
        }
        fact(content).map_or(Err("no content".to_owned()), |_| Err("not written".to_owned()))
    }

    fn workstation_apply(&self, _: &Workstation, fact: &FactSource, _: &mut dyn Hearer) -> Result<()> {
        fact(&"content".into()).ok_or_else(|| Error::step("no content"))?;
        self.note("kubeconfig".to_owned());
        Ok(())
    }

    fn payload(&self, path: &str) -> Result<Payload> {
        self.note(format!("payload {path}"));
        let bytes = self
            .artifacts
            .get(path)
            .ok_or_else(|| Error::host(format!("no {path}")))?;
        Ok(Payload {
            size: bytes.len() as u64,
            reader: Box::new(std::io::Cursor::new(bytes.clone())),
        })
    }

    fn log_of(&self, _: &str) -> Option<PathBuf> {
        None
    }
}

/// A session with a pretend host.
struct Host {
    name: String,
    log: Arc<Mutex<Vec<String>>>,
    cut: Arc<Mutex<Option<Cut>>>,
}

impl Transport for Host {
    fn exec(
        &mut self,
        script: &str,
        payload: Option<Payload>,
        hearer: &mut dyn Hearer,
        cancel: &Cancel,
    ) -> Result<i32, Lost> {
        self.log.lock().unwrap().push(format!("exec {}", self.name));
        let mut bash = Command::new("bash")
            .args(["-c", &format!("eval \"$(head -c {})\"", script.len())])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        let group = rustix::process::Pid::from_child(&bash);
        let mut stdin = bash.stdin.take().unwrap();
        let script = script.to_owned();
        // A script may end without reading its payload.
        let writer = thread::spawn(move || {
            let _ = stdin.write_all(script.as_bytes());
            if let Some(mut payload) = payload {
                let _ = std::io::copy(&mut payload.reader, &mut stdin);
            }
        });
        let (sender, lines) = mpsc::channel();
        let stdout = BufReader::new(bash.stdout.take().unwrap());
        let reader = thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let lost = loop {
            match lines.recv_timeout(Duration::from_millis(20)) {
                Ok(line) => {
                    let mut cut = self.cut.lock().unwrap();
                    let is_cut = match *cut {
                        Some(Cut::Before(text) | Cut::After(text)) => line.contains(text),
                        None => false,
                    };
                    if !(is_cut && matches!(*cut, Some(Cut::Before(_)))) {
                        hearer.line(&line);
                    }
                    if is_cut {
                        *cut = None;
                        break Some(Lost::Connection("the cable was pulled".to_owned()));
                    }
                }
                Err(mpsc::RecvTimeoutError::Timeout) if cancel.is_cancelled() => break Some(Lost::Cancelled),
                Err(mpsc::RecvTimeoutError::Timeout) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => break None,
            }
        };
        if lost.is_some() {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        let status = bash.wait().unwrap();
        writer.join().unwrap();
        reader.join().unwrap();
        lost.map_or_else(|| Ok(status.code().unwrap_or(-1)), Err)
    }
}

/// The lines of a file that scripts write to; none when it is not there.
pub fn lines(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}
