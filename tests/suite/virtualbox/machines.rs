//! How machines of the pretend `VirtualBox` come into being, and how they go.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use super::answer::{Answer, HUNDRED, Result, failed, find, wrong};
use super::manage::user_home;
use super::state::{Home, Machine, Nic};
use super::storage;

const IMPORT: &str = include_str!("../../data/virtualbox/import.out");
const IMPORT_DRY: &str = include_str!("../../data/virtualbox/import-n.out");

pub fn import(home: &Home, arguments: &[&str]) -> Result {
    let (dry, ovf, rest) = match arguments {
        ["-n" | "--dry-run", ovf, rest @ ..] => (true, *ovf, rest),
        [ovf, rest @ ..] => (false, *ovf, rest),
        [] => return Err(wrong("Not enough arguments for \"import\" command.")),
    };
    let Ok(appliance) = fs::read_to_string(ovf) else {
        return Err(failed(
            &format!("Could not open the file '{ovf}' (VERR_FILE_NOT_FOUND)"),
            "VBOX_E_FILE_ERROR (0x80bb0004)",
            "ApplianceWrap, interface IAppliance",
        ));
    };
    let mut name = "boxsrc".to_owned();
    let mut words = rest.iter();
    while let Some(option) = words.next() {
        let value = words
            .next()
            .ok_or_else(|| wrong(&format!("Missing argument to '{option}'")))?;
        match *option {
            "--vmname" => (*value).clone_into(&mut name),
            "--vsys" | "--unit" | "--disk" => {}
            other => return Err(wrong(&format!("Invalid parameter '{other}'"))),
        }
    }
    let interpreted = format!("{HUNDRED}Interpreting {ovf}...\nOK.\n");
    let template = if dry { IMPORT_DRY } else { IMPORT };
    let out = template
        .replace("boxsrc_1795399157198_37145", &name)
        .replace("/home/student", &user_home(home));
    if dry {
        return Ok(Answer {
            out,
            err: interpreted,
            status: 0,
        });
    }
    home.change(|state| {
        let (id, mac) = (state.new_id(), state.new_mac());
        let mut machine = Machine {
            id,
            name,
            state: String::new(),
            since: String::new(),
            settings: [("groups", "/"), ("memory", "256"), ("vram", "8"), ("cpus", "1")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            description: String::new(),
            controller: storage::controller(&appliance),
            nics: [(1, Nic::nat(mac))].into(),
            extra: BTreeMap::new(),
            snapshots: Vec::new(),
            current: None,
            parent: None,
            process: None,
        };
        machine.enter("poweroff");
        fs::create_dir_all(home.disk(&machine.id).join("upper")).unwrap();
        state.machines.push(machine);
    });
    Ok(Answer {
        out,
        err: interpreted + HUNDRED,
        status: 0,
    })
}

pub fn clone(home: &Home, who: &str, arguments: &[&str]) -> Result {
    let [
        "--register",
        "--name",
        name,
        "--snapshot",
        snapshot,
        "--options",
        "link",
    ] = arguments
    else {
        return Err(wrong(
            "only registered linked clones of a snapshot are known here",
        ));
    };
    home.change(|state| {
        let (id, mac) = (state.new_id(), state.new_mac());
        let original = find(state, who)?;
        if original.snapshot(snapshot).is_none() {
            return Err(failed(
                &format!("Could not find a snapshot named '{snapshot}'"),
                "VBOX_E_OBJECT_NOT_FOUND (0x80bb0001)",
                "MachineWrap, interface IMachine",
            ));
        }
        let mut machine = Machine {
            id,
            name: (*name).to_owned(),
            nics: [(1, Nic::nat(mac))].into(),
            snapshots: Vec::new(),
            current: None,
            parent: Some(original.id.clone()),
            process: None,
            ..original.clone()
        };
        machine.enter("poweroff");
        copy_disk(
            &home.disk(&original.id).join("upper"),
            &home.disk(&machine.id).join("upper"),
        );
        state.machines.push(machine);
        Ok(Answer::done(format!(
            "Machine has been successfully cloned as \"{name}\"\n"
        )))
    })
}

/// Copies what a machine has written, in the place of what is there.
pub fn copy_disk(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    let copied = Command::new("cp").arg("-a").args([from, to]).status().unwrap();
    assert!(copied.success(), "cp -a {} {}", from.display(), to.display());
}

pub fn unregister(home: &Home, who: &str, delete: bool) -> Result {
    home.change(|state| {
        let machine = find(state, who)?;
        if machine.is_on() {
            return Err(failed(
                &format!(
                    "Cannot unregister the machine '{}' while it is locked",
                    machine.name
                ),
                "VBOX_E_INVALID_OBJECT_STATE (0x80bb0007)",
                "MachineWrap, interface IMachine, callee nsISupports",
            ));
        }
        let id = machine.id.clone();
        if state
            .machines
            .iter()
            .any(|other| other.parent.as_ref() == Some(&id))
        {
            return Err(failed(
                "Cannot close medium because it has child media",
                "VBOX_E_OBJECT_IN_USE (0x80bb000c)",
                "MediumWrap, interface IMedium",
            ));
        }
        state.machines.retain(|other| other.id != id);
        if delete {
            let _ = fs::remove_dir_all(home.disk(&id));
        }
        Ok(Answer::done(""))
    })
}
