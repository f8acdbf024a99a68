//! The pretend `VBoxManage` against recordings of the real one: the same calls are taken and refused, and the answers
//! have the same lines.

use std::collections::BTreeSet;
use std::fs;

use super::manage::{self, Answer};
use super::state::Home;

const CALLS: &str = include_str!("../../data/virtualbox/calls.txt");
const RUNNING: &str = include_str!("../../data/virtualbox/showvminfo-running.out");
const OFF: &str = include_str!("../../data/virtualbox/showvminfo-machinereadable.out");
const TWO_NICS: &str = include_str!("../../data/virtualbox/showvminfo-two-nics.out");
const INTERFACES: &str = include_str!("../../data/virtualbox/list-hostonlyifs.out");

/// A home with one machine `m` that was made as Vagrant makes one.
fn home(dir: &tempfile::TempDir) -> Home {
    let home = Home(dir.path().join("vbox"));
    fs::create_dir_all(home.path("disks")).unwrap();
    let ovf = dir.path().join("box.ovf");
    fs::write(&ovf, "").unwrap();
    let ovf = ovf.to_str().unwrap();
    taken(&home, &["import", ovf, "--vsys", "0", "--vmname", "master"]);
    taken(&home, &["snapshot", "master", "take", "base"]);
    let clone = [
        "clonevm",
        "master",
        "--register",
        "--name",
        "m",
        "--snapshot",
        "base",
        "--options",
        "link",
    ];
    taken(&home, &clone);
    home
}

#[track_caller]
fn taken(home: &Home, arguments: &[&str]) -> String {
    let answer = manage::answer(home, arguments);
    assert_eq!(answer.status, 0, "{arguments:?}: {answer:?}");
    answer.out
}

#[track_caller]
fn refused(home: &Home, arguments: &[&str], status: i32, words: &str) {
    let Answer { out, err, status: is } = manage::answer(home, arguments);
    assert_eq!((is, out.as_str()), (status, ""), "{arguments:?}: {err}");
    assert!(
        err.contains("VBoxManage: error: ") && err.contains(words),
        "{arguments:?}: {err}"
    );
}

/// The names of an answer's lines, in order.
fn keys(text: &str) -> Vec<&str> {
    text.lines()
        .map(|line| line.split(['=', ':']).next().unwrap_or(line))
        .collect()
}

#[test]
fn what_the_real_one_was_asked_is_taken() {
    let dir = tempfile::tempdir().unwrap();
    let home = home(&dir);
    let mut seen = BTreeSet::new();
    for line in CALLS.lines() {
        let words = shlex::split(line).unwrap();
        let ["rc=0", "VBoxManage", arguments @ ..] =
            &words.iter().map(String::as_str).collect::<Vec<_>>()[..]
        else {
            continue;
        };
        // Machines that run need namespaces: the other tests make them. Names and snapshots differ here.
        let elsewhere = matches!(arguments[0], "startvm" | "controlvm" | "unregistervm" | "import");
        if elsewhere || arguments.contains(&"--name") && arguments[0] == "modifyvm" {
            continue;
        }
        let arguments: Vec<&str> = arguments
            .iter()
            .map(|word| match (*word, arguments[0]) {
                ("UUID", "clonevm" | "snapshot") => "master",
                ("UUID", _) => "m",
                (word, _) => word,
            })
            .collect();
        if arguments.contains(&"--natpf1") {
            let _ = manage::answer(&home, &["modifyvm", "m", "--natpf1", "delete", "ssh"]);
        }
        taken(&home, &arguments);
        seen.insert(arguments[0].to_owned());
    }
    let wanted = [
        "--version",
        "clonevm",
        "list",
        "modifyvm",
        "showvminfo",
        "snapshot",
    ];
    assert_eq!(seen.iter().map(String::as_str).collect::<Vec<_>>(), wanted);
}

#[test]
fn what_the_real_one_refuses_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let home = home(&dir);
    refused(
        &home,
        &["hostonlynet", "add", "--name=n"],
        2,
        "Invalid command 'hostonlynet'",
    );
    refused(
        &home,
        &["list", "hostonlynets"],
        2,
        "Unknown subcommand \"hostonlynets\"",
    );
    refused(
        &home,
        &["modifyvm", "m", "--nic2", "hostonlynet", "--host-only-net2", "n"],
        2,
        "hostonlynet",
    );
    refused(
        &home,
        &["modifyvm", "m", "--no-such", "on"],
        2,
        "Unknown option: --no-such",
    );
    refused(&home, &["modifyvm", "m", "--memory", "much"], 2, "--memory");
    refused(&home, &["modifyvm", "m", "--memory"], 2, "Missing argument");
    refused(&home, &["modifyvm", "m", "--nic9", "nat"], 2, "Unknown option");
    refused(
        &home,
        &["modifyvm", "m", "--nictype2", "fast"],
        2,
        "Invalid --nictype2 argument 'fast'",
    );
    refused(
        &home,
        &["modifyvm", "m", "--macaddress2", "08:00:27:00:00:01"],
        2,
        "--macaddress2",
    );
    refused(&home, &["modifyvm", "m", "--natpf1", "ssh,tcp,22"], 2, "--natpf1");
    refused(&home, &["modifyvm", "m", "--groups", "lab"], 2, "--groups");
    refused(&home, &["startvm", "m", "--type"], 2, "");
    refused(&home, &["showvminfo", "nobody"], 1, "VBOX_E_OBJECT_NOT_FOUND");
    refused(
        &home,
        &["controlvm", "m", "poweroff"],
        1,
        "is not currently running",
    );
    refused(
        &home,
        &["unregistervm", "master", "--delete"],
        1,
        "VBOX_E_OBJECT_IN_USE",
    );
    refused(
        &home,
        &["modifyvm", "m", "--name", "master"],
        1,
        "VERR_ALREADY_EXISTS",
    );
    refused(
        &home,
        &["snapshot", "m", "restore", "nothing"],
        1,
        "VBOX_E_OBJECT_NOT_FOUND",
    );
    home.change(|state| state.find("m").unwrap().enter("running"));
    refused(
        &home,
        &["modifyvm", "m", "--cpus", "2"],
        1,
        "is already locked for a session",
    );
    refused(&home, &["unregistervm", "m"], 1, "while it is locked");
}

#[test]
fn a_controller_is_known_by_its_name_and_set_while_the_machine_is_off() {
    let dir = tempfile::tempdir().unwrap();
    let home = home(&dir);
    let cache = |name, value| ["storagectl", "m", "--name", name, "--hostiocache", value];
    refused(
        &home,
        &cache("SATA", "on"),
        1,
        "Could not find a storage controller named 'SATA'",
    );
    refused(
        &home,
        &cache("SATA Controller", "yes"),
        1,
        "Invalid --hostiocache argument 'yes'",
    );
    refused(
        &home,
        &["storagectl", "m", "--hostiocache", "on"],
        2,
        "name not specified",
    );
    refused(
        &home,
        &["storagectl", "m", "--hostiocache"],
        2,
        "Missing argument",
    );
    taken(&home, &cache("SATA Controller", "on"));
    home.change(|state| state.find("m").unwrap().enter("running"));
    refused(
        &home,
        &[
            "storagectl",
            "m",
            "--name",
            "SATA Controller",
            "--hostiocache",
            "on",
        ],
        1,
        "is already locked",
    );
}

#[test]
fn answers_have_the_recorded_lines() {
    let dir = tempfile::tempdir().unwrap();
    let home = home(&dir);
    let info = |home: &Home| taken(home, &["showvminfo", "m", "--machinereadable"]);
    assert_eq!(keys(&info(&home)), keys(OFF));
    let nics = [
        "--nic1",
        "nat",
        "--nic2",
        "hostonly",
        "--hostonlyadapter2",
        "vboxnet0",
        "--cableconnected2",
        "on",
    ];
    taken(
        &home,
        &[&["modifyvm", "m"], &nics[..], &["--nictype2", "virtio"]].concat(),
    );
    assert_eq!(keys(&info(&home)), keys(TWO_NICS));
    taken(
        &home,
        &["modifyvm", "m", "--natpf1", "ssh,tcp,127.0.0.1,2222,,22"],
    );
    home.change(|state| state.find("m").unwrap().enter("running"));
    // The recorded machine has a serial port and a card for the recording's network.
    let own = ["generic2", "uartmode1", "uarttype1", "hostonlyadapter2"];
    let less = |text: &str| -> Vec<String> {
        keys(text)
            .into_iter()
            .filter(|key| !own.contains(key))
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(less(&info(&home)), less(RUNNING));
    home.change(|state| {
        state.interfaces.push(super::state::Interface {
            name: "vboxnet0".to_owned(),
            device: "vboxnet0".to_owned(),
            address: "192.168.56.1".to_owned(),
            netmask: "255.255.255.0".to_owned(),
        });
    });
    assert_eq!(keys(&taken(&home, &["list", "hostonlyifs"])), keys(INTERFACES));
    let none = manage::answer(&home, &["snapshot", "m", "list", "--machinereadable"]);
    assert_eq!(
        (none.status, none.out.as_str()),
        (1, "This machine does not have any snapshots\n")
    );
    taken(&home, &["snapshot", "m", "take", "s1"]);
    let list = taken(&home, &["snapshot", "m", "list", "--machinereadable"]);
    let recorded = [
        "SnapshotName",
        "SnapshotUUID",
        "CurrentSnapshotName",
        "CurrentSnapshotUUID",
        "CurrentSnapshotNode",
    ];
    assert_eq!(keys(&list), recorded);
}
