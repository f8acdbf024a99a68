//! The pretend `VBoxManage`: each subcommand that Vagrant and kprov use, with the recorded answers' shape.
//!
//! An argument list that the real program would refuse is refused, with its exit status 2; so is one that this
//! program does not know, rather than answered with a guess.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use super::headless;
use super::info;
use super::modify;
use super::state::{Home, Interface, Machine, Nic, Snapshot, State};

/// The newest kind that Vagrant 2.3.4 takes.
pub const VERSION: &str = "7.0.20r163906";
const IMPORT: &str = include_str!("../../data/virtualbox/import.out");
const IMPORT_DRY: &str = include_str!("../../data/virtualbox/import-n.out");
const PROPERTIES: &str = include_str!("../../data/virtualbox/list-systemproperties.out");
const HUNDRED: &str = "0%...10%...20%...30%...40%...50%...60%...70%...80%...90%...100%\n";

/// What a call answers.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Answer {
    pub out: String,
    pub err: String,
    pub status: i32,
}

/// An error of the program: its lines, and its exit status.
#[derive(Debug)]
pub struct Refused {
    pub lines: String,
    pub status: i32,
}

pub type Result<T = Answer> = std::result::Result<T, Refused>;

impl Answer {
    fn out(out: impl Into<String>) -> Self {
        Self {
            out: out.into(),
            ..Self::default()
        }
    }

    /// With the percentages that work takes.
    fn done(out: impl Into<String>) -> Self {
        Self {
            out: out.into(),
            err: HUNDRED.to_owned(),
            status: 0,
        }
    }
}

/// A wrong command line.
pub fn wrong(message: &str) -> Refused {
    let lines = format!(
        "Oracle VM VirtualBox Command Line Management Interface Version {}\n\
         Copyright (C) 2005-2024 Oracle and/or its affiliates\n\nVBoxManage: error: {message}\n",
        VERSION.split('r').next().unwrap_or(VERSION)
    );
    Refused { lines, status: 2 }
}

/// What `VirtualBox` itself refuses.
pub fn failed(message: &str, code: &str, component: &str) -> Refused {
    let lines = format!(
        "VBoxManage: error: {message}\nVBoxManage: error: Details: code {code}, component {component}\n"
    );
    Refused { lines, status: 1 }
}

fn not_found(who: &str) -> Refused {
    let called = if who.len() == 36 && who.matches('-').count() == 4 {
        format!("with UUID {{{who}}}")
    } else {
        format!("named '{who}'")
    };
    failed(
        &format!("Could not find a registered machine {called}"),
        "VBOX_E_OBJECT_NOT_FOUND (0x80bb0001)",
        "VirtualBoxWrap, interface IVirtualBox, callee nsISupports",
    )
}

fn locked(machine: &Machine) -> Refused {
    failed(
        &format!(
            "The machine '{}' is already locked for a session (or being unlocked)",
            machine.name
        ),
        "VBOX_E_INVALID_OBJECT_STATE (0x80bb0007)",
        "MachineWrap, interface IMachine, callee nsISupports",
    )
}

/// The machine with this UUID or name.
pub fn find<'a>(state: &'a mut State, who: &str) -> Result<&'a mut Machine> {
    state.find(who).ok_or_else(|| not_found(who))
}

/// The same, if it is off.
fn find_off<'a>(state: &'a mut State, who: &str) -> Result<&'a mut Machine> {
    let machine = find(state, who)?;
    if machine.is_on() {
        return Err(locked(machine));
    }
    Ok(machine)
}

/// Answers a call.
pub fn answer(home: &Home, arguments: &[&str]) -> Answer {
    if let Some(answer) = planted(home, arguments) {
        return answer;
    }
    call(home, arguments).unwrap_or_else(|refused| Answer {
        out: String::new(),
        err: refused.lines,
        status: refused.status,
    })
}

/// A failure that a test has planted for this subcommand: the file `faults/NAME` has the exit status on its first
/// line and what is said on standard error behind it. It happens each time, until the file is gone.
fn planted(home: &Home, arguments: &[&str]) -> Option<Answer> {
    let name = arguments.first()?;
    let text = fs::read_to_string(home.path("faults").join(name)).ok()?;
    let (status, err) = text.split_once('\n')?;
    Some(Answer {
        out: String::new(),
        err: err.to_owned(),
        status: status.parse().ok()?,
    })
}

fn call(home: &Home, arguments: &[&str]) -> Result {
    match arguments {
        ["--version" | "-v"] => Ok(Answer::out(format!("{VERSION}\n"))),
        ["list", what @ ..] => list(home, what),
        ["showvminfo", who, rest @ ..] => show(home, who, rest),
        ["import", rest @ ..] => import(home, rest),
        ["clonevm", who, rest @ ..] => clone(home, who, rest),
        ["modifyvm", who, rest @ ..] => home.change(|state| {
            let mac = state.new_mac();
            let taken = |state: &State, name: &str| state.machines.iter().any(|other| other.name == name);
            let settings = modify::parse(rest)?;
            for setting in &settings {
                if let modify::Setting::Name(name) = setting
                    && taken(state, name)
                {
                    return Err(failed(
                        &format!("Could not rename the directory to '{name}' (VERR_ALREADY_EXISTS)"),
                        "VBOX_E_FILE_ERROR (0x80bb0004)",
                        "SessionMachine, interface IMachine, callee nsISupports",
                    ));
                }
            }
            modify::apply(find_off(state, who)?, settings, &mac)?;
            Ok(Answer::default())
        }),
        ["snapshot", who, rest @ ..] => snapshot(home, who, rest),
        ["startvm", who, "--type", "headless" | "gui" | "separate"] => start(home, who),
        ["controlvm", who, "poweroff"] => power_off(home, who),
        ["unregistervm", who, rest @ ..] if matches!(rest, [] | ["--delete"]) => {
            unregister(home, who, !rest.is_empty())
        }
        ["discardstate", who] => home.change(|state| {
            find_off(state, who)?.enter("poweroff");
            Ok(Answer::default())
        }),
        ["setextradata", who, key] => home.change(|state| {
            find(state, who)?.extra.remove(*key);
            Ok(Answer::default())
        }),
        ["setextradata", who, key, value] => home.change(|state| {
            find(state, who)?
                .extra
                .insert((*key).to_owned(), (*value).to_owned());
            Ok(Answer::default())
        }),
        ["getextradata", who, key] => {
            let mut state = home.look();
            let value = find(&mut state, who)?.extra.get(*key).cloned();
            Ok(Answer::out(value.map_or_else(
                || "No value set!\n".to_owned(),
                |value| format!("Value: {value}\n"),
            )))
        }
        ["guestproperty", "get", who, _] => {
            find(&mut home.look(), who)?;
            Ok(Answer::out("No value set!\n"))
        }
        ["hostonlyif", rest @ ..] => host_only(home, rest),
        [] => Err(wrong("Must specify a command")),
        [
            "startvm" | "controlvm" | "unregistervm" | "discardstate" | "setextradata" | "getextradata"
            | "guestproperty",
            ..,
            last,
        ] => Err(wrong(&format!("Invalid parameter '{last}'"))),
        [other, ..] => Err(wrong(&format!("Invalid command '{other}'"))),
    }
}

fn list(home: &Home, what: &[&str]) -> Result {
    let state = home.look();
    let names = |machines: &mut dyn Iterator<Item = &Machine>| {
        machines.fold(String::new(), |mut text, machine| {
            writeln!(text, "\"{}\" {{{}}}", machine.name, machine.id).unwrap();
            text
        })
    };
    match what {
        ["vms"] => Ok(Answer::out(names(&mut state.machines.iter()))),
        ["runningvms"] => Ok(Answer::out(names(
            &mut state.machines.iter().filter(|machine| machine.is_on()),
        ))),
        ["hostonlyifs"] => Ok(Answer::out(
            state.interfaces.iter().map(interface).collect::<String>(),
        )),
        ["bridgedifs" | "dhcpservers"] => Ok(Answer::default()),
        ["systemproperties"] => Ok(Answer::out(PROPERTIES.replace("/home/student", &user_home(home)))),
        [] => Err(wrong("Missing subcommand for \"list\".")),
        [other, ..] => Err(wrong(&format!("Unknown subcommand \"{other}\"."))),
    }
}

fn interface(interface: &Interface) -> String {
    let number: u8 = interface.name.trim_start_matches("vboxnet").parse().unwrap_or(0);
    format!(
        "Name:            {name}\nGUID:            786f6276-656e-4074-8000-0a00270000{number:02x}\n\
         DHCP:            Disabled\nIPAddress:       {address}\nNetworkMask:     {netmask}\n\
         IPV6Address:     \nIPV6NetworkMaskPrefixLength: 0\nHardwareAddress: 0a:00:27:00:00:{number:02x}\n\
         MediumType:      Ethernet\nWireless:        No\nStatus:          Up\n\
         VBoxNetworkName: HostInterfaceNetworking-{name}\n\n",
        name = interface.name,
        address = interface.address,
        netmask = interface.netmask,
    )
}

fn show(home: &Home, who: &str, rest: &[&str]) -> Result {
    let mut state = home.look();
    let machine = find(&mut state, who)?;
    match rest {
        [] => Ok(Answer::out(info::for_people(machine, &user_home(home)))),
        ["--machinereadable"] => Ok(Answer::out(info::machine_readable(machine, &user_home(home)))),
        [other, ..] => Err(wrong(&format!("Invalid parameter '{other}'"))),
    }
}

/// Where the user's machines are: beside the folder with this program's state.
fn user_home(home: &Home) -> String {
    home.0.parent().unwrap_or(Path::new("/")).display().to_string()
}

fn import(home: &Home, arguments: &[&str]) -> Result {
    let (dry, ovf, rest) = match arguments {
        ["-n" | "--dry-run", ovf, rest @ ..] => (true, *ovf, rest),
        [ovf, rest @ ..] => (false, *ovf, rest),
        [] => return Err(wrong("Not enough arguments for \"import\" command.")),
    };
    if !Path::new(ovf).is_file() {
        return Err(failed(
            &format!("Could not open the file '{ovf}' (VERR_FILE_NOT_FOUND)"),
            "VBOX_E_FILE_ERROR (0x80bb0004)",
            "ApplianceWrap, interface IAppliance",
        ));
    }
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
            nics: [(1, Nic::nat(mac))].into(),
            extra: std::collections::BTreeMap::new(),
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

fn clone(home: &Home, who: &str, arguments: &[&str]) -> Result {
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
fn copy_disk(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    let copied = Command::new("cp").arg("-a").args([from, to]).status().unwrap();
    assert!(copied.success(), "cp -a {} {}", from.display(), to.display());
}

fn snapshot(home: &Home, who: &str, arguments: &[&str]) -> Result {
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

fn start(home: &Home, who: &str) -> Result {
    home.change(|state| {
        let interfaces = state.interfaces.clone();
        let machine = find_off(state, who)?;
        for nic in machine.nics.values() {
            if nic.kind == "hostonly" && !interfaces.iter().any(|other| other.name == nic.adapter) {
                return Err(failed(
                    &format!(
                        "Nonexistent host networking interface, name '{}' (VERR_INTERNAL_ERROR)",
                        nic.adapter
                    ),
                    "NS_ERROR_FAILURE (0x80004005)",
                    "ConsoleWrap, interface IConsole",
                ));
            }
        }
        machine.process = Some(headless::launch(home, machine));
        machine.enter("running");
        let who = &machine.id;
        Ok(Answer::out(format!(
            "Waiting for VM \"{who}\" to power on...\nVM \"{who}\" has been successfully started.\n"
        )))
    })
}

fn power_off(home: &Home, who: &str) -> Result {
    home.change(|state| {
        let machine = find(state, who)?;
        if !machine.is_on() {
            return Err(failed(
                &format!("Machine '{}' is not currently running.", machine.name),
                "VBOX_E_INVALID_VM_STATE (0x80bb0002)",
                "MachineWrap, interface IMachine",
            ));
        }
        if let Some(process) = machine.process {
            headless::kill(process);
        }
        machine.enter("poweroff");
        Ok(Answer::done(""))
    })
}

fn unregister(home: &Home, who: &str, delete: bool) -> Result {
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

fn host_only(home: &Home, arguments: &[&str]) -> Result {
    match arguments {
        ["create"] => home.change(|state| {
            let number = (0..100)
                .find(|number| {
                    !state
                        .interfaces
                        .iter()
                        .any(|other| other.name == format!("vboxnet{number}"))
                })
                .unwrap_or(0);
            let name = format!("vboxnet{number}");
            ip(&["link", "add", "name", &name, "type", "bridge"]);
            ip(&["link", "set", &name, "up"]);
            let out = format!("Interface '{name}' was successfully created\n");
            state.interfaces.push(Interface {
                name,
                address: String::new(),
                netmask: String::new(),
            });
            Ok(Answer::done(out))
        }),
        ["ipconfig", name, "--ip", address, "--netmask", netmask] => home.change(|state| {
            let net: ipnet::Ipv4Net = "192.168.56.0/21".parse().unwrap();
            let parsed = address.parse().map_err(|_| wrong("Invalid IP address"))?;
            if !net.contains(&std::net::Ipv4Addr::clone(&parsed)) {
                return Err(failed(
                    "Code E_ACCESSDENIED (0x80070005) - Access denied (extended info not available)",
                    "E_ACCESSDENIED (0x80070005)",
                    "HostNetworkInterfaceWrap",
                ));
            }
            let mask = netmask.parse().map_err(|_| wrong("Invalid netmask"))?;
            let with_prefix =
                ipnet::Ipv4Net::with_netmask(parsed, mask).map_err(|_| wrong("Invalid netmask"))?;
            let interface = state.interfaces.iter_mut().find(|other| other.name == *name);
            let interface = interface.ok_or_else(|| wrong(&format!("Interface '{name}' was not found")))?;
            (*address).clone_into(&mut interface.address);
            (*netmask).clone_into(&mut interface.netmask);
            ip(&["addr", "replace", &with_prefix.to_string(), "dev", name]);
            Ok(Answer::default())
        }),
        ["remove", name] => home.change(|state| {
            state.interfaces.retain(|other| other.name != *name);
            ip(&["link", "del", name]);
            Ok(Answer::done(""))
        }),
        _ => Err(wrong("Invalid parameter")),
    }
}

fn ip(arguments: &[&str]) {
    let done = Command::new("ip").args(arguments).status();
    assert!(done.is_ok_and(|done| done.success()), "ip {arguments:?}");
}
