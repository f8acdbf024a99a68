//! The pretend `VBoxManage`: each subcommand that Vagrant and kprov use, with the recorded answers' shape.
//!
//! An argument list that the real program would refuse is refused, with its exit status 2; so is one that this
//! program does not know, rather than answered with a guess.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

pub use super::answer::Answer;
use super::answer::{Result, VERSION, failed, find, find_off, wrong};
use super::state::{Home, Machine, State};
use super::{info, machines, modify, networks, power, snapshots, storage};

/// A computer in one network, by cable.
const BRIDGED: &str = include_str!("../../data/virtualbox/list-bridgedifs.out");
const PROPERTIES: &str = include_str!("../../data/virtualbox/list-systemproperties.out");

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
        ["import", rest @ ..] => machines::import(home, rest),
        ["clonevm", who, rest @ ..] => machines::clone(home, who, rest),
        ["modifyvm", who, rest @ ..] => home.change(|state| {
            let mac = state.new_mac();
            let taken = |state: &State, name: &str| state.machines.iter().any(|other| other.name == name);
            if let Some(word) = rest
                .iter()
                .find(|word| word.contains("only-net") || word.contains("onlynet"))
                && !home.is_on_a_mac()
            {
                return Err(wrong(&format!("Invalid parameter '{word}'")));
            }
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
        ["storagectl", who, rest @ ..] => storage::call(home, who, rest),
        ["snapshot", who, rest @ ..] => snapshots::call(home, who, rest),
        ["startvm", who, "--type", "headless" | "gui" | "separate"] => power::start(home, who),
        ["controlvm", who, "poweroff"] => power::off(home, who),
        ["unregistervm", who, rest @ ..] if matches!(rest, [] | ["--delete"]) => {
            machines::unregister(home, who, !rest.is_empty())
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
        ["hostonlyif", rest @ ..] => networks::call(home, rest),
        ["hostonlynet", rest @ ..] if home.is_on_a_mac() => networks::call_on_a_mac(home, rest),
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
            state.interfaces.iter().map(networks::shown).collect::<String>(),
        )),
        ["hostonlynets"] if home.is_on_a_mac() => Ok(Answer::out(
            state
                .interfaces
                .iter()
                .map(networks::shown_on_a_mac)
                .collect::<String>(),
        )),
        ["bridgedifs"] => Ok(Answer::out(BRIDGED)),
        ["dhcpservers"] => Ok(Answer::default()),
        ["systemproperties"] => Ok(Answer::out(PROPERTIES.replace("/home/student", &user_home(home)))),
        [] => Err(wrong("Missing subcommand for \"list\".")),
        [other, ..] => Err(wrong(&format!("Unknown subcommand \"{other}\"."))),
    }
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
pub fn user_home(home: &Home) -> String {
    home.0.parent().unwrap_or(Path::new("/")).display().to_string()
}
