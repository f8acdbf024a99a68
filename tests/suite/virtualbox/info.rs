//! `showvminfo`: the recorded answer, with the lines of this machine in their places.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::state::{Machine, Nic};

const MACHINE_READABLE: &str = include_str!("../../data/virtualbox/showvminfo-machinereadable.out");
const FOR_PEOPLE: &str = include_str!("../../data/virtualbox/showvminfo.out");
/// The machine and the home directory of the recording, and what it was made of.
const RECORDED: (&str, &str) = ("temp_clone_1795399159618_51644", "/home/student");
const RECORDED_CONTROLLER: &str = "SATA Controller";
const RECORDED_ID: &str = "896bb70a-7412-4f0b-a077-a19761148abb";
/// The lines of a running machine, each behind another line.
const RUNNING: &[(&str, &str)] = &[
    (
        "draganddrop=",
        "SessionName=\"headless\"\nVideoMode=\"720,400,0\"@0,0 1\n",
    ),
    ("xhci=", "VRDEActiveConnection=\"off\"\nVRDEClients==0\n"),
    (
        "GuestMemoryBalloon=",
        "GuestOSType=\"Debian_64\"\nGuestAdditionsRunLevel=0\n",
    ),
];

/// Settings that are numbers stand without quotes.
const NUMBERS: &[&str] = &["memory", "vram", "cpus"];

/// The machine as the recording has it, by another name in another home.
fn retold(recording: &str, machine: &Machine, home: &str) -> String {
    recording
        .replace(RECORDED_ID, &machine.id)
        .replace(RECORDED.0, &machine.name)
        .replace(RECORDED_CONTROLLER, &machine.controller)
        .replace(RECORDED.1, home)
}

/// `showvminfo --machinereadable`.
pub fn machine_readable(machine: &Machine, home: &str) -> String {
    let mut own: BTreeMap<&str, String> = BTreeMap::new();
    own.insert("VMState", format!("\"{}\"", machine.state));
    own.insert("VMStateChangeTime", format!("\"{}\"", machine.since));
    for (name, value) in &machine.settings {
        let quotes = if NUMBERS.contains(&name.as_str()) {
            ""
        } else {
            "\""
        };
        own.insert(name, format!("{quotes}{value}{quotes}"));
    }
    let mut text = String::new();
    let mut in_nics = false;
    for line in retold(MACHINE_READABLE, machine, home).lines() {
        let key = line.split('=').next().unwrap_or_default();
        if key == "natnet1" {
            in_nics = true;
            text.push_str(&nics(machine));
        }
        if !in_nics {
            match own.get(key) {
                Some(value) => writeln!(text, "{key}={value}").unwrap(),
                None => writeln!(text, "{line}").unwrap(),
            }
        }
        in_nics = in_nics && key != "nic8";
        let behind = RUNNING.iter().find(|(before, _)| line.starts_with(before));
        if let (true, Some((_, more))) = (machine.is_on(), behind) {
            text.push_str(more);
        }
    }
    text + &snapshots(machine)
}

fn nics(machine: &Machine) -> String {
    let mut text = String::new();
    for number in 1..=8 {
        let Some(nic) = machine.nics.get(&number) else {
            writeln!(text, "nic{number}=\"none\"").unwrap();
            continue;
        };
        match nic.kind.as_str() {
            "nat" => writeln!(text, "natnet{number}=\"nat\"").unwrap(),
            "hostonlynetwork" => writeln!(text, "hostonly-network{number}=\"{}\"", nic.adapter).unwrap(),
            _ => writeln!(text, "hostonlyadapter{number}=\"{}\"", nic.adapter).unwrap(),
        }
        let Nic { kind, mac, model, .. } = nic;
        write!(
            text,
            "macaddress{number}=\"{mac}\"\ncableconnected{number}=\"on\"\nnic{number}=\"{kind}\"\n\
             nictype{number}=\"{model}\"\nnicspeed{number}=\"0\"\n"
        )
        .unwrap();
        if kind == "nat" {
            text.push_str(
                "mtu=\"0\"\nsockSnd=\"64\"\nsockRcv=\"64\"\ntcpWndSnd=\"64\"\ntcpWndRcv=\"64\"\n\
                 localhostReachable=\"1\"\nforwardBroadcast=\"0\"\nenableTFTP=\"0\"\n",
            );
        }
        for (index, forward) in nic.forwards.iter().enumerate() {
            writeln!(text, "Forwarding({index})=\"{forward}\"").unwrap();
        }
    }
    text
}

/// The snapshots as `showvminfo` and `snapshot list --machinereadable` show them: one below the other.
pub fn snapshots(machine: &Machine) -> String {
    let mut text = String::new();
    let mut current = None;
    for (depth, snapshot) in machine.snapshots.iter().enumerate() {
        let suffix = "-1".repeat(depth);
        writeln!(text, "SnapshotName{suffix}=\"{}\"", snapshot.name).unwrap();
        writeln!(text, "SnapshotUUID{suffix}=\"{}\"", snapshot.id).unwrap();
        if machine.current.as_ref() == Some(&snapshot.id) {
            current = Some((snapshot, suffix));
        }
    }
    if let Some((snapshot, suffix)) = current {
        writeln!(text, "CurrentSnapshotName=\"{}\"", snapshot.name).unwrap();
        writeln!(text, "CurrentSnapshotUUID=\"{}\"", snapshot.id).unwrap();
        writeln!(text, "CurrentSnapshotNode=\"SnapshotName{suffix}\"").unwrap();
    }
    text
}

/// `showvminfo` for people. Vagrant asks for it only to learn whether there is such a machine.
pub fn for_people(machine: &Machine, home: &str) -> String {
    let state = match machine.state.as_str() {
        "poweroff" => "powered off",
        other => other,
    };
    let mut text = String::new();
    for line in retold(FOR_PEOPLE, machine, home).lines() {
        if line.starts_with("State: ") {
            writeln!(
                text,
                "State:                       {state} (since {})",
                machine.since
            )
            .unwrap();
        } else {
            writeln!(text, "{line}").unwrap();
        }
    }
    if !machine.description.is_empty() {
        writeln!(text, "Description:\n{}", machine.description).unwrap();
    }
    text
}
