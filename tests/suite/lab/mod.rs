//! kprov on real machines: container nodes through real Vagrant, real kubeadm and Kubernetes; see tests/lab.
//!
//! They need `tests/lab/lab up`, those with virtual machines `tests/lab/libvirt/lab up`. Each test makes a cluster of its own from nothing and leaves nothing behind.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::tools;
use crate::ui::forms;

mod container_nodes;
mod control_planes;
mod docker;
mod existing_hosts;
mod faults;
mod killed;
mod offers;
mod packs;
mod partly;
mod verification;
mod virtual_machines;

/// Where machines are made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Docker's containers.
    Containers,
    /// libvirt's emulated machines.
    VirtualMachines,
}

/// A folder with a cluster.toml, in the lab's network.
struct Folder {
    place: Place,
    dir: PathBuf,
    cluster: &'static str,
    /// One test at a time: they count the lab's containers.
    _alone: MutexGuard<'static, ()>,
}

static ALONE: Mutex<()> = Mutex::new(());

/// What kprov said.
struct Said {
    status: Option<i32>,
    text: String,
}

impl Folder {
    /// A new folder with this config for container nodes, or `None` when the lab is not up.
    fn new(cluster: &'static str, config: &str) -> Option<Self> {
        Self::within(Place::Containers, cluster, config)
    }

    /// A new folder with this config, or `None` when there is no such lab.
    fn within(place: Place, cluster: &'static str, config: &str) -> Option<Self> {
        let script = lab(place);
        let status = Command::new(&script).arg("status").output();
        if !status.expect("the lab's script starts").status.success() {
            let tool = match place {
                Place::Containers => "lab",
                Place::VirtualMachines => "libvirt",
            };
            let script = script.display();
            tools::skip(tool, &format!("the lab is not up ({script} setup, {script} up)"));
            return None;
        }
        // Before the folder is touched, which may be that of a test at work.
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lab").join(cluster);
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join("cluster.toml"), config).unwrap();
        let folder = Self {
            place,
            dir,
            cluster,
            _alone: alone,
        };
        if place == Place::Containers {
            // What a test that was killed left behind.
            let _ = folder.in_lab("docker", &["network", "prune", "--force"]);
            let _ = folder.in_lab("docker", &["volume", "prune", "--force"]);
        }
        Some(folder)
    }

    /// kprov's state of this cluster.
    fn state(&self, name: &str) -> PathBuf {
        self.dir.join(".kprov").join(self.cluster).join(name)
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>, arguments: &[&str]) -> Command {
        let mut command = Command::new(lab(self.place));
        command
            .arg("exec")
            .arg(program)
            .args(arguments)
            .current_dir(&self.dir)
            .stdin(Stdio::null());
        command
    }

    fn in_lab(&self, program: &str, arguments: &[&str]) -> Output {
        self.command(program, arguments).output().unwrap()
    }

    fn kprov(&self, arguments: &[&str]) -> Said {
        let started = Instant::now();
        let output = self.command(kprov(), arguments).output().unwrap();
        let text =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        eprintln!(
            "{}: kprov {} ({:.1} s)",
            self.cluster,
            arguments.join(" "),
            started.elapsed().as_secs_f32()
        );
        Said {
            status: output.status.code(),
            text,
        }
    }

    /// A command on a node, as root; its standard output.
    fn on(&self, node: &str, command: &str) -> String {
        let said = self
            .command(
                kprov(),
                &["ssh", node, "--", "sudo", "bash", "-c", &format!("'{command}'")],
            )
            .output();
        let said = said.unwrap();
        let text = String::from_utf8_lossy(&said.stdout).into_owned();
        assert!(
            said.status.success(),
            "{node}: {command}: {text}{}",
            String::from_utf8_lossy(&said.stderr)
        );
        text
    }

    /// A pod of an image that is asked of a registry at every start runs, where no registry answers: what a student types.
    fn runs_always(&self, control_plane: &str, image: &str) {
        let kubectl = "kubectl --kubeconfig /etc/kubernetes/admin.conf";
        let said = self.on(
            control_plane,
            &format!(
                "set -e; {kubectl} run by-hand --image={image} > /dev/null; \
                 {kubectl} wait --for=condition=Ready --timeout=120s pod/by-hand > /dev/null; \
                 {kubectl} get pod by-hand -o jsonpath={{.spec.containers[0].imagePullPolicy}}; \
                 {kubectl} delete pod by-hand --now > /dev/null"
            ),
        );
        assert_eq!(said, "Always");
    }

    /// The report of the last verification, which is as its schema says.
    fn report(&self) -> Value {
        forms::valid(&fs::read_to_string(self.state("verify.json")).unwrap())
    }

    /// Every check of the last verification holds; there are at least `least`.
    fn verified(&self, least: usize) {
        let report = self.report();
        assert_eq!(
            (&report["failed"], &report["skipped"]),
            (&0.into(), &0.into()),
            "{report:#}"
        );
        assert!(report["passed"].as_u64().unwrap() >= least as u64, "{report:#}");
    }

    /// No token, key or client certificate stands in any log or event.
    fn no_secret_in_logs(&self) {
        let token = |text: &str| {
            // A bootstrap token is six characters, a dot and sixteen more.
            text.split(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.')).any(|word| {
                matches!(word.split_once('.'), Some((id, secret)) if id.len() == 6 && secret.len() == 16)
            })
        };
        let mut files = 0;
        for run in fs::read_dir(self.state("runs")).unwrap().flatten() {
            for file in fs::read_dir(run.path()).unwrap().flatten() {
                let text = fs::read_to_string(file.path()).unwrap();
                files += 1;
                assert!(
                    !text.contains("PRIVATE KEY") && !text.contains("client-key-data"),
                    "{}",
                    file.path().display()
                );
                assert!(!token(&text), "a token in {}", file.path().display());
            }
        }
        assert!(files > 0);
    }

    /// Waits until an event of the newest run has these words.
    fn wait_for_event(&self, words: &[&str], patience: Duration) {
        let deadline = Instant::now() + patience;
        while Instant::now() < deadline {
            let runs = fs::read_dir(self.state("runs"))
                .into_iter()
                .flatten()
                .flatten()
                .map(|run| run.path());
            let events = runs
                .max()
                .and_then(|run| fs::read_to_string(run.join("events.jsonl")).ok())
                .unwrap_or_default();
            if events
                .lines()
                .any(|line| words.iter().all(|word| line.contains(word)))
            {
                return;
            }
            thread::sleep(Duration::from_millis(100));
        }
        panic!("no event with {words:?} within {patience:?}");
    }
}

/// A test that failed leaves no machine that the next one's would collide with. What it wrote stays to be looked at.
impl Drop for Folder {
    fn drop(&mut self) {
        if thread::panicking() && std::env::var_os("KPROV_KEEP").is_none() {
            let removed = self
                .command(kprov(), &["destroy", "--yes"])
                .output()
                .is_ok_and(|output| output.status.success());
            eprintln!(
                "{}: the failed test's cluster is removed: {removed}",
                self.cluster
            );
        }
    }
}

impl Said {
    #[track_caller]
    fn exits(self, status: i32) -> Self {
        assert_eq!(self.status, Some(status), "{}", self.text);
        self
    }

    #[track_caller]
    fn says(self, words: &str) -> Self {
        assert!(self.text.contains(words), "no \"{words}\" in:\n{}", self.text);
        self
    }
}

fn lab(place: Place) -> PathBuf {
    let script = match place {
        Place::Containers => "tests/lab/lab",
        Place::VirtualMachines => "tests/lab/libvirt/lab",
    };
    Path::new(env!("CARGO_MANIFEST_DIR")).join(script)
}

fn kprov() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_kprov"))
}
