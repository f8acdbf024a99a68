//! A pretend machine that runs: an sshd in namespaces of its own, whose disk lies over this computer's files.
//!
//! The process of a machine outlives the call that started it, as `VirtualBox`'s does. It listens at the forwarded
//! ports and hands each connection to an sshd inside; at the private address the machine answers by itself.

use std::fs;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use super::state::{Home, Interface, Machine};

/// Starts the process of a machine, and returns its number.
#[expect(clippy::zombie_processes, reason = "it outlives this program")]
pub fn launch(home: &Home, machine: &Machine) -> i32 {
    let log = fs::File::create(home.path(&format!("{}.log", machine.name))).unwrap();
    let child = Command::new(home.path("bin/VBoxHeadless"))
        .args(["--startvm", &machine.id])
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .process_group(0)
        .spawn()
        .unwrap();
    i32::try_from(child.id()).unwrap()
}

/// Cuts the power of a machine.
pub fn kill(process: i32) {
    if let Some(group) = rustix::process::Pid::from_raw(process) {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
}

/// What the process of a machine does until the machine is off.
pub fn run(home: &Home, id: &str) {
    let mut state = home.look();
    let networks = state.interfaces.clone();
    let Some(machine) = state.find(id) else { return };
    let disk = home.disk(id);
    let up = disk.join("upper/var/up");
    let _ = fs::remove_file(&up);
    let mut guest = start_guest(home, machine, &networks, &disk);
    for rule in machine.nics.values().flat_map(|nic| &nic.forwards) {
        let parts: Vec<&str> = rule.split(',').collect();
        if let [_, "tcp", address, port, _, "22"] = parts[..] {
            let listener = TcpListener::bind(format!("{address}:{port}"));
            let listener = listener.unwrap_or_else(|error| panic!("{rule}: {error}"));
            let (guest, disk, up) = (guest.id(), disk.clone(), up.clone());
            thread::spawn(move || forward(&listener, guest, &disk, &up));
        }
    }
    let _ = guest.wait();
    home.change(|state| {
        if let Some(machine) = state.find(id) {
            machine.enter("poweroff");
        }
    });
    kill(rustix::process::getpid().as_raw_nonzero().get());
}

fn start_guest(home: &Home, machine: &Machine, networks: &[Interface], disk: &Path) -> Child {
    let second = machine.nics.get(&2);
    let network = second.and_then(|nic| networks.iter().find(|network| network.name == nic.adapter));
    let seconds = fs::read_to_string(home.path("boot-seconds")).unwrap_or_default();
    let silent = home.path("silent").join(&machine.name).exists();
    Command::new("unshare")
        .args(["--net", "--mount", "--uts", "bash"])
        .arg(home.path("guest.sh"))
        .arg(disk)
        .arg(if silent { "infinity" } else { seconds.trim() })
        .arg(network.map_or("", |network| network.device.as_str()))
        .arg(second.map_or("", |nic| nic.mac.as_str()))
        .stdin(Stdio::null())
        .spawn()
        .unwrap()
}

/// Hands each connection at a forwarded port to an sshd in the machine; while it boots they are closed at once, as
/// `VirtualBox` does.
fn forward(listener: &TcpListener, guest: u32, disk: &Path, up: &Path) {
    for connection in listener.incoming().flatten() {
        if !up.exists() {
            thread::sleep(Duration::from_millis(20));
            continue;
        }
        let socket = OwnedFd::from(connection);
        let inside = Command::new("nsenter")
            .args(["--target", &guest.to_string(), "--mount", "--net", "--uts"])
            .arg(format!("--pid=/proc/{guest}/ns/pid_for_children"))
            .arg("chroot")
            .arg(disk.join("root"))
            .args(["/usr/sbin/sshd", "-i", "-f", "/etc/ssh/machine"])
            .stdin(socket.try_clone().unwrap())
            .stdout(socket)
            .stderr(Stdio::null())
            .spawn();
        if let Ok(mut inside) = inside {
            thread::spawn(move || inside.wait());
        }
    }
}
