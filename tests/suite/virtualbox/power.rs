//! Machines of the pretend `VirtualBox` on and off.

use super::answer::{Answer, Result, failed, find, find_off};
use super::headless;
use super::state::Home;

pub fn start(home: &Home, who: &str) -> Result {
    home.change(|state| {
        let interfaces = state.interfaces.clone();
        let machine = find_off(state, who)?;
        for nic in machine.nics.values() {
            if nic.kind.starts_with("hostonly") && !interfaces.iter().any(|other| other.name == nic.adapter) {
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

pub fn off(home: &Home, who: &str) -> Result {
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
