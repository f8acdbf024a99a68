//! What belongs to `VirtualBox` beside Vagrant: whose machines are whose, and what a lost state directory left behind.
//!
//! Each machine carries the mark of its folder's state as extra data, which the Vagrantfile writes. A machine is
//! taken back or removed by this mark alone, never by its name.

use std::time::Duration;

use super::tool::{answer, ask, failed};
use crate::error::{Error, Result};
use crate::platform;
use crate::t;
use crate::transport::Cancel;
use crate::transport::local::Program;

/// The extra data that names the state directory to which a machine belongs.
const MARK: &str = "kprov/state";

/// How a machine's window is opened while it runs without one.
pub(super) fn window(machine: &str) -> String {
    format!("VBoxManage startvm {machine} --type separate")
}

/// How a picture of a machine's screen is taken.
pub(super) fn screenshot(machine: &str) -> String {
    format!("VBoxManage controlvm {machine} screenshotpng {machine}.png")
}

/// How a machine that nobody needs is removed.
pub(super) fn removal(machine: &str) -> String {
    format!("VBoxManage unregistervm {machine} --delete")
}

/// The UUID of the machine of this name, if it carries the mark.
pub(super) fn find(name: &str, state_id: &str, cancel: &Cancel) -> Result<Option<String>> {
    for (other, id) in machines(cancel)? {
        if other == name && is_ours(&id, state_id, cancel)? {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

/// The machines that carry the mark: name and UUID.
pub(super) fn leftovers(state_id: &str, cancel: &Cancel) -> Result<Vec<(String, String)>> {
    let mut ours = Vec::new();
    if path().is_some() {
        for (name, id) in machines(cancel)? {
            if is_ours(&id, state_id, cancel)? {
                ours.push((name, id));
            }
        }
    }
    Ok(ours)
}

/// Removes the machines that carry the mark and that Vagrant does not know of, or of them `only`. Names what is gone.
pub(super) fn remove_leftovers(state_id: &str, only: Option<&str>, cancel: &Cancel) -> Result<Vec<String>> {
    let mut gone = Vec::new();
    let ours = leftovers(state_id, cancel)?.into_iter();
    for (name, id) in ours.filter(|(name, _)| only.is_none_or(|only| name == only)) {
        // One that is off already refuses, which is as well.
        ask(&vboxmanage()?.args(["controlvm", &id, "poweroff"]), cancel)?;
        remove(&id, cancel)?;
        gone.push(t!("virtualbox.machine", name = name));
    }
    Ok(gone)
}

/// Removes a machine and its disks. `VirtualBox` holds one a moment longer than `poweroff` runs.
fn remove(id: &str, cancel: &Cancel) -> Result<()> {
    let remove = vboxmanage()?.args(["unregistervm", id, "--delete"]);
    for attempt in 0.. {
        let ended = ask(&remove, cancel)?;
        if ended.ok() {
            break;
        }
        if attempt == 10 || cancel.sleep(Duration::from_millis(500)) {
            return Err(failed(&remove, &ended));
        }
    }
    Ok(())
}

/// All machines of this user: name and UUID.
fn machines(cancel: &Cancel) -> Result<Vec<(String, String)>> {
    let list = answer(&vboxmanage()?.args(["list", "vms"]), cancel)?;
    Ok(list.lines().filter_map(name_and_id).collect())
}

/// A line as `"lab-m-k8s" {896bb70a-7412-4f0b-a077-a19761148abb}`; warnings stand among them.
fn name_and_id(line: &str) -> Option<(String, String)> {
    let (name, id) = line.strip_suffix('}')?.rsplit_once(" {")?;
    let name = name.strip_prefix('"')?.strip_suffix('"')?;
    Some((name.to_owned(), id.to_owned()))
}

fn is_ours(id: &str, state_id: &str, cancel: &Cancel) -> Result<bool> {
    // One that was removed meanwhile is not there to be asked.
    let ended = ask(&vboxmanage()?.args(["getextradata", id, MARK]), cancel)?;
    let mut values = ended
        .stdout
        .lines()
        .filter_map(|line| line.strip_prefix("Value: "));
    Ok(values.any(|mark| mark.trim() == state_id))
}

fn path() -> Option<std::path::PathBuf> {
    platform::program(&["VBoxManage", "vboxmanage"])
}

fn vboxmanage() -> Result<Program> {
    let path = path().ok_or_else(|| Error::host(t!("provider.not-installed", program = "VBoxManage")))?;
    Ok(Program::new(path)
        .env("LC_ALL", "C")
        .timeout(Duration::from_secs(60)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_are_read_between_warnings_and_with_any_name() {
        let said = "WARNING: The character device /dev/vboxdrv does not exist.\n\
                    \"a \"b\" {c}\" {896bb70a-7412-4f0b-a077-a19761148abb}\n\"lab-m-k8s\" {1}\n";
        let read: Vec<_> = said.lines().filter_map(name_and_id).collect();
        let wanted = [
            ("a \"b\" {c}", "896bb70a-7412-4f0b-a077-a19761148abb"),
            ("lab-m-k8s", "1"),
        ];
        assert_eq!(read, wanted.map(|(name, id)| (name.to_owned(), id.to_owned())));
    }
}
