//! What the pretend `VBoxManage` answers, and what it refuses with the words of the real one.

use super::state::{Machine, State};

/// The newest kind that Vagrant 2.3.4 takes.
pub const VERSION: &str = "7.0.20r163906";
pub const HUNDRED: &str = "0%...10%...20%...30%...40%...50%...60%...70%...80%...90%...100%\n";

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
    pub fn out(out: impl Into<String>) -> Self {
        Self {
            out: out.into(),
            ..Self::default()
        }
    }

    /// With the percentages that work takes.
    pub fn done(out: impl Into<String>) -> Self {
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
pub fn find_off<'a>(state: &'a mut State, who: &str) -> Result<&'a mut Machine> {
    let machine = find(state, who)?;
    if machine.is_on() {
        return Err(locked(machine));
    }
    Ok(machine)
}
