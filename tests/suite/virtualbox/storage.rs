//! `storagectl`: whether a controller of a machine goes through this computer's cache.

use std::fmt::Write as _;

use super::answer::{Answer, Refused, Result, failed, find_off, wrong};
use super::state::{Home, Machine};

/// The setting under which it is kept; `showvminfo` does not show it.
const CACHE: &str = "hostiocache";

pub fn call(home: &Home, who: &str, arguments: &[&str]) -> Result {
    let mut words = arguments.iter().copied();
    let (mut name, mut cache) = (None, None);
    while let Some(option) = words.next() {
        let value = words
            .next()
            .ok_or_else(|| wrong(&format!("Missing argument to '{option}'")))?;
        match option {
            "--name" => name = Some(value),
            "--hostiocache" => cache = Some(value),
            // There are more, which nobody here uses.
            other => return Err(wrong(&format!("Unknown option: {other}"))),
        }
    }
    let name = name.ok_or_else(|| wrong("Storage controller name not specified"))?;
    home.change(|state| {
        let machine = find_off(state, who)?;
        if machine.controller != name {
            return Err(not_found(name));
        }
        match cache {
            None => {}
            Some(value @ ("on" | "off")) => {
                machine.settings.insert(CACHE.to_owned(), value.to_owned());
            }
            Some(other) => {
                return Err(Refused {
                    status: 1,
                    ..wrong(&format!("Invalid --hostiocache argument '{other}'"))
                });
            }
        }
        Ok(Answer::default())
    })
}

fn not_found(name: &str) -> Refused {
    let mut refused = failed(
        &format!("Could not find a storage controller named '{name}'"),
        "VBOX_E_OBJECT_NOT_FOUND (0x80bb0001)",
        "SessionMachine, interface IMachine",
    );
    writeln!(
        refused.lines,
        "VBoxManage: error: Couldn't find the controller with the name: '{name}'"
    )
    .unwrap();
    refused
}

/// The name that a box gives its controller, as its OVF says, or what `VirtualBox` calls one of its own.
pub fn controller(ovf: &str) -> String {
    let named = ovf.split_once("<StorageController name=\"");
    let name = named.and_then(|(_, rest)| rest.split_once('"'));
    name.map_or("SATA Controller", |(name, _)| name).to_owned()
}

impl Machine {
    /// Whether its disks go through this computer's cache.
    pub fn is_cached(&self) -> bool {
        self.settings.get(CACHE).is_some_and(|value| value == "on")
    }
}
