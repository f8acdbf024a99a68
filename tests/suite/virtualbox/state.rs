//! What the pretend `VirtualBox` remembers from call to call: a file that one call at a time may change.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// All machines and host-only interfaces of a user.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub struct State {
    pub machines: Vec<Machine>,
    pub interfaces: Vec<Interface>,
    /// For UUIDs, snapshots and MAC addresses that nobody chose.
    pub counter: u64,
}

/// A machine.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Machine {
    pub id: String,
    pub name: String,
    /// `poweroff`, `running`, `saved`, `paused` or `aborted`.
    pub state: String,
    pub since: String,
    /// What `modifyvm` sets and `showvminfo` shows under the same name.
    pub settings: BTreeMap<String, String>,
    pub description: String,
    /// The name of what its disk hangs on.
    pub controller: String,
    pub nics: BTreeMap<u8, Nic>,
    pub extra: BTreeMap<String, String>,
    pub snapshots: Vec<Snapshot>,
    pub current: Option<String>,
    /// The machine whose disk this one's is a difference to.
    pub parent: Option<String>,
    /// The process that runs it.
    pub process: Option<i32>,
}

/// A network card.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub struct Nic {
    /// `nat`, `hostonly` or `hostonlynetwork`; none are not kept.
    pub kind: String,
    pub adapter: String,
    pub mac: String,
    pub model: String,
    /// Forwarded ports: name, protocol, host address, host port, guest address, guest port, with commas.
    pub forwards: Vec<String>,
}

/// A snapshot.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Snapshot {
    pub id: String,
    pub name: String,
    /// Whether the machine ran when it was taken.
    pub online: bool,
}

/// A host-only interface, or a host-only network of a Mac.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Interface {
    pub name: String,
    /// What the system calls it.
    pub device: String,
    pub address: String,
    pub netmask: String,
}

/// The folder of all that, as `VBOX_USER_HOME` names it.
#[derive(Debug, Clone)]
pub struct Home(pub PathBuf);

impl Home {
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The disk of a machine: a folder that lies over this computer's own files.
    pub fn disk(&self, id: &str) -> PathBuf {
        self.path("disks").join(id)
    }

    /// Whether this is `VirtualBox` as it is on a Mac: with host-only networks in the place of interfaces.
    pub fn is_on_a_mac(&self) -> bool {
        self.path("macos").exists()
    }

    /// The state as it is now.
    pub fn look(&self) -> State {
        let text = fs::read_to_string(self.path("state.json")).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Changes the state while nobody else does.
    pub fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let lock = File::create(self.path("lock")).unwrap();
        lock.lock().unwrap();
        let mut state = self.look();
        let result = change(&mut state);
        write_whole(&self.path("state.json"), &serde_json::to_string(&state).unwrap());
        result
    }
}

fn write_whole(path: &Path, text: &str) {
    let new = path.with_extension("new");
    fs::write(&new, text).unwrap();
    fs::rename(new, path).unwrap();
}

impl State {
    /// The machine with this UUID or name.
    pub fn find(&mut self, who: &str) -> Option<&mut Machine> {
        let who = who.trim_matches(['{', '}']);
        self.machines
            .iter_mut()
            .find(|machine| machine.id == who || machine.name == who)
    }

    pub fn new_id(&mut self) -> String {
        self.counter += 1;
        let process = std::process::id();
        format!("{process:08x}-0000-4000-8000-{:012x}", self.counter)
    }

    pub fn new_mac(&mut self) -> String {
        self.counter += 1;
        format!("080027{:06X}", self.counter)
    }
}

impl Machine {
    pub fn is_on(&self) -> bool {
        matches!(self.state.as_str(), "running" | "paused")
    }

    pub fn enter(&mut self, state: &str) {
        state.clone_into(&mut self.state);
        self.since = jiff::Timestamp::now()
            .strftime("%Y-%m-%dT%H:%M:%S.%3f000000")
            .to_string();
        if !self.is_on() {
            self.process = None;
        }
    }

    pub fn snapshot(&self, name: &str) -> Option<&Snapshot> {
        self.snapshots
            .iter()
            .find(|snapshot| snapshot.name == name || snapshot.id == name)
    }
}
