//! Snapshots of the pretend `VirtualBox`: copies of what a machine has written.

use std::fs;

use super::answer::{Answer, Result, failed, find, find_off, wrong};
use super::info;
use super::machines::copy_disk;
use super::state::{Home, Machine, Snapshot};

pub fn call(home: &Home, who: &str, arguments: &[&str]) -> Result {
    match arguments {
        ["list"] | ["list", "--machinereadable"] => {
            let mut state = home.look();
            let machine = find(&mut state, who)?;
            if machine.snapshots.is_empty() {
                return Ok(Answer {
                    out: "This machine does not have any snapshots\n".to_owned(),
                    err: String::new(),
                    status: 1,
                });
            }
            Ok(Answer::out(info::snapshots(machine)))
        }
        ["take", name] => home.change(|state| {
            let id = state.new_id();
            let machine = find(state, who)?;
            let disk = home.disk(&machine.id);
            copy_disk(&disk.join("upper"), &disk.join("snapshots").join(&id));
            machine.snapshots.push(Snapshot {
                id: id.clone(),
                name: (*name).to_owned(),
                online: machine.is_on(),
            });
            machine.current = Some(id.clone());
            Ok(Answer::done(format!("Snapshot taken. UUID: {id}\n")))
        }),
        ["restore", name] => home.change(|state| {
            let machine = find_off(state, who)?;
            let Snapshot { id, online, .. } = known_snapshot(machine, name)?;
            let disk = home.disk(&machine.id);
            copy_disk(&disk.join("snapshots").join(&id), &disk.join("upper"));
            machine.current = Some(id.clone());
            machine.enter(if online { "saved" } else { "poweroff" });
            Ok(Answer::done(format!("Restoring snapshot '{name}' ({id})\n")))
        }),
        ["delete", name] => home.change(|state| {
            let machine = find(state, who)?;
            let Snapshot { id, .. } = known_snapshot(machine, name)?;
            machine.snapshots.retain(|other| other.id != id);
            if machine.current.as_ref() == Some(&id) {
                machine.current = machine.snapshots.last().map(|last| last.id.clone());
            }
            let _ = fs::remove_dir_all(home.disk(&machine.id).join("snapshots").join(&id));
            Ok(Answer::done(format!("Deleting snapshot '{name}' ({id})\n")))
        }),
        [other, ..] => Err(wrong(&format!("Invalid parameter '{other}'"))),
        [] => Err(wrong("Missing subcommand")),
    }
}

fn known_snapshot(machine: &Machine, name: &str) -> Result<Snapshot> {
    machine.snapshot(name).cloned().ok_or_else(|| {
        failed(
            &format!("Could not find a snapshot named '{name}'"),
            "VBOX_E_OBJECT_NOT_FOUND (0x80bb0001)",
            "MachineWrap, interface IMachine, callee nsISupports",
        )
    })
}
