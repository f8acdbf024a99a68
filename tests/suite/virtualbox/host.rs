//! A pretend laptop with real Vagrant and the pretend `VirtualBox`: namespaces of its own, a home, a box.

use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use super::state::{Home, State};
use crate::place::{Place, Said};
use crate::tools::{require, skip};

/// Until a pretend machine that was switched on answers, in seconds.
const BOOT_SECONDS: &str = "0.5";
const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/virtualbox");

/// A laptop; all that runs on it ends with this value.
pub struct Host {
    place: Place,
    holder: Child,
    pub home: Home,
}

impl Host {
    /// A laptop with that cluster.toml. `None` where the test is to end.
    pub fn new(config: &str) -> Option<Self> {
        let vagrant = require("vagrant")?;
        for tool in ["sshd", "ssh-keygen", "unshare", "nsenter", "ip"] {
            require(tool)?;
        }
        if !rustix::process::geteuid().is_root() {
            skip(
                "unshare",
                "machines in namespaces are made as root, and this user is another",
            );
            return None;
        }
        let place = Place::with(config);
        let home = Home(place.path("vbox"));
        for folder in ["vbox/bin", "vbox/disks", "vbox/faults", "vbox/silent", "scratch"] {
            fs::create_dir_all(place.path(folder)).unwrap();
        }
        fs::write(home.path("boot-seconds"), BOOT_SECONDS).unwrap();
        copy_all(
            Path::new(DATA),
            &home.0,
            &["guest.sh", "vagrant.pub", "admin.conf"],
        );
        fs::create_dir(home.path("inside")).unwrap();
        copy_all(
            &Path::new(DATA).join("inside"),
            &home.path("inside"),
            &["boot", "sudo", "hostnamectl", "shutdown", "ifup", "ifdown"],
        );
        for (folder, name) in [("vbox/bin", "VBoxHeadless"), ("bin", "VBoxManage")] {
            program(&place.path(folder).join(name), &home, name);
        }
        let note = format!(
            "echo \"$*\" >> \"$PLACE/vagrant-calls\"\nexec '{}' \"$@\"",
            vagrant.display()
        );
        place.double("vagrant", &note);
        write_box(&place.path(".vagrant.d/boxes/kprov-tiny/0/virtualbox"));
        let holder = hold(&home.path("disks"))?;
        let inside = enter(holder.id(), &place.path(""));
        Some(Self {
            place: place.run_by(inside),
            holder,
            home,
        })
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.place.path(name)
    }

    /// Runs kprov on it.
    pub fn kprov(&self, arguments: &[&str]) -> Said {
        self.place.kprov_with(arguments, &[("PATH", &self.search_path())])
    }

    /// The same, to be started.
    pub fn kprov_command(&self, arguments: &[&str]) -> Command {
        self.place.command(arguments, &[("PATH", &self.search_path())])
    }

    /// The doubles first, and where administrators' programs are.
    fn search_path(&self) -> String {
        format!("{}:/usr/sbin:/usr/bin:/sbin:/bin", self.path("bin").display())
    }

    /// Runs a program on it, in the folder of the cluster's Vagrantfile once there is one.
    pub fn run(&self, program: &str, arguments: &[&str]) -> Output {
        let dir = self.path(".kprov/lab/vagrant");
        let dir = if dir.is_dir() { dir } else { self.path("") };
        let words = enter(self.holder.id(), &dir);
        Command::new(&words[0])
            .args(&words[1..])
            .arg(program)
            .args(arguments)
            .stdin(Stdio::null())
            .env("PATH", self.search_path())
            .env("HOME", self.path(""))
            .output()
            .unwrap()
    }

    /// Runs a program that is to succeed; its standard output.
    #[track_caller]
    pub fn says(&self, program: &str, arguments: &[&str]) -> String {
        let said = self.run(program, arguments);
        let text = String::from_utf8_lossy(&said.stdout).into_owned();
        assert!(said.status.success(), "{program} {arguments:?}: {said:?}");
        text
    }

    /// The text of a file in the folder of the cluster.toml.
    pub fn read(&self, name: &str) -> String {
        self.place.read(name)
    }

    /// What `VirtualBox` has now.
    pub fn state(&self) -> State {
        self.home.look()
    }

    /// The calls of `VBoxManage` so far, each with its arguments.
    pub fn calls(&self) -> Vec<String> {
        lines(&self.home.path("calls"))
    }

    /// The calls of Vagrant so far.
    pub fn vagrant_calls(&self) -> Vec<String> {
        let mut calls = lines(&self.path("vagrant-calls"));
        // The doctor asks for it before the first boot.
        calls.retain(|call| !call.ends_with("--version"));
        calls
    }

    /// The events of the newest run, in order.
    pub fn events(&self) -> Vec<serde_json::Value> {
        lines(&self.newest_run().join("events.jsonl"))
            .iter()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// What the newest run's log of a node says.
    pub fn log(&self, node: &str) -> String {
        fs::read_to_string(self.newest_run().join(format!("{node}.log"))).unwrap()
    }

    fn newest_run(&self) -> PathBuf {
        let runs = fs::read_dir(self.path(".kprov/lab/runs")).unwrap().flatten();
        runs.map(|run| run.path()).max().unwrap()
    }

    /// Lets a subcommand fail from now on.
    pub fn plant(&self, subcommand: &str, status: i32, err: &str) {
        fs::write(
            self.home.path("faults").join(subcommand),
            format!("{status}\n{err}"),
        )
        .unwrap();
    }

    /// Lets it work again.
    pub fn mend(&self, subcommand: &str) {
        fs::remove_file(self.home.path("faults").join(subcommand)).unwrap();
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // With the first process of the namespace all others end.
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

fn lines(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

fn copy_all(from: &Path, to: &Path, names: &[&str]) {
    for name in names {
        fs::copy(from.join(name), to.join(name)).unwrap();
    }
}

/// A program that is this one with another role; see `program` in `mod.rs`.
fn program(path: &Path, home: &Home, name: &str) {
    let suite = std::env::current_exe().unwrap();
    let text = format!(
        "#!/bin/sh\nIFS=$(printf '\\037')\n\
         export PRETEND_PROGRAM={name} PRETEND_HOME='{}' PRETEND_ARGUMENTS=\"$*\"\n\
         exec 3>&1 >/dev/null\nexec '{}' --exact virtualbox::program --ignored --nocapture\n",
        home.0.display(),
        suite.display()
    );
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// A box as `vagrant box add` leaves it.
fn write_box(dir: &Path) {
    fs::create_dir_all(dir).unwrap();
    fs::write(dir.join("metadata.json"), "{\"provider\":\"virtualbox\"}\n").unwrap();
    fs::write(
        dir.join("box.ovf"),
        "<?xml version=\"1.0\"?>\n<Envelope ovf:version=\"1.0\"><vbox:Machine>\n\
         <StorageController name=\"VirtIO Controller\" type=\"VirtioSCSI\"/></vbox:Machine></Envelope>\n",
    )
    .unwrap();
    let vagrantfile = "Vagrant.configure(\"2\") do |config|\n  config.vm.base_mac = \"0800274224E4\"\nend\n";
    fs::write(dir.join("Vagrantfile"), vagrantfile).unwrap();
}

/// Namespaces with room for disks. Their first process ends with its input, and so with this test, however that ends.
fn hold(disks: &Path) -> Option<Child> {
    let first = format!(
        "mount -t tmpfs tmpfs '{}' && ip link set lo up && echo ready && cat > /dev/null",
        disks.display()
    );
    let mut holder = Command::new("unshare")
        .args([
            "--net",
            "--mount",
            "--pid",
            "--fork",
            "--kill-child",
            "--mount-proc",
        ])
        .args(["bash", "-c", &first])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let _ = BufReader::new(holder.stdout.take().unwrap()).read_line(&mut line);
    if line.trim() == "ready" {
        return Some(holder);
    }
    let _ = holder.wait();
    skip("unshare", "this user may not make namespaces");
    None
}

/// The command that runs another in those namespaces, in a folder. Vagrant names its scratch folder after its process
/// id, which is not the only one of that number here: each laptop has a place of its own for them.
fn enter(holder: u32, dir: &Path) -> Vec<OsString> {
    let mut words: Vec<OsString> = vec!["nsenter".into(), "--target".into(), holder.to_string().into()];
    words.extend(["--net", "--mount"].map(OsString::from));
    words.push(format!("--pid=/proc/{holder}/ns/pid_for_children").into());
    words.extend(["bash", "-c", "cd \"$0\" && TMPDIR=$PWD/scratch exec \"$@\""].map(OsString::from));
    words.push(dir.into());
    words
}
