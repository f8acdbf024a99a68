//! What belongs to libvirt beside Vagrant: whose machines are whose, and what a lost state directory left behind.
//!
//! Each machine carries the mark of its folder's state in its description, which the Vagrantfile writes. A machine is
//! taken back or removed by this mark alone, never by its name.

use std::time::Duration;

use super::tool::{answer, ask, failed};
use crate::error::{Error, Result};
use crate::names::ClusterName;
use crate::platform;
use crate::render;
use crate::t;
use crate::transport::Cancel;
use crate::transport::local::Program;

/// Where Vagrant makes its machines.
const SYSTEM: &str = "qemu:///system";

/// How somebody gets at a machine that does not answer.
pub(super) fn console(machine: &str) -> String {
    format!("virsh -c {SYSTEM} console {machine}")
}

/// How a machine that nobody needs is removed, once it is off.
pub(super) fn removal(machine: &str) -> String {
    format!("virsh -c {SYSTEM} undefine {machine} --remove-all-storage")
}

/// The UUID of the machine of this name, if it carries the mark.
pub(super) fn find(name: &str, state_id: &str, cancel: &Cancel) -> Result<Option<String>> {
    let ours = leftovers(state_id, cancel)?;
    if !ours.iter().any(|other| other == name) {
        return Ok(None);
    }
    let id = answer(&virsh()?.args(["domuuid", name]), cancel)?;
    Ok(Some(id.trim().to_owned()))
}

/// The machines that carry the mark.
pub(super) fn leftovers(state_id: &str, cancel: &Cancel) -> Result<Vec<String>> {
    if path().is_none() {
        return Ok(Vec::new());
    }
    let mut ours = Vec::new();
    for name in machines(cancel)? {
        // One that was removed meanwhile is not there to be asked.
        let said = ask(&virsh()?.args(["desc", &name]), cancel)?;
        if is_marked(&said.stdout, state_id) {
            ours.push(name);
        }
    }
    Ok(ours)
}

/// All machines, of whomever.
fn machines(cancel: &Cancel) -> Result<Vec<String>> {
    let list = answer(&virsh()?.args(["list", "--all", "--name"]), cancel)?;
    let names = list.lines().map(str::trim).filter(|name| !name.is_empty());
    Ok(names.map(str::to_owned).collect())
}

/// Removes the machines that carry the mark and that Vagrant does not know of, with their disks, and the network that
/// these kept Vagrant from removing; or of them the machine `only`. Names what is gone.
pub(super) fn remove_leftovers(
    cluster: &ClusterName,
    state_id: &str,
    only: Option<&str>,
    cancel: &Cancel,
) -> Result<Vec<String>> {
    let mut gone = Vec::new();
    let ours = leftovers(state_id, cancel)?.into_iter();
    for name in ours.filter(|name| only.is_none_or(|only| name == only)) {
        // One that is off already refuses, which is as well.
        ask(&virsh()?.args(["destroy", &name]), cancel)?;
        let undefine = virsh()?.args([
            "undefine",
            &name,
            "--managed-save",
            "--snapshots-metadata",
            "--nvram",
        ]);
        let undefine = undefine.args(["--remove-all-storage"]);
        let ended = ask(&undefine, cancel)?;
        if !ended.ok() {
            return Err(failed(&undefine, &ended));
        }
        gone.push(t!("virtualbox.machine", name = name));
    }
    if !gone.is_empty() && only.is_none() {
        remove_network(cluster, cancel)?;
    }
    Ok(gone)
}

/// Removes the node network of a cluster that has no machine any more. One that anybody is attached to stays, and so
/// does that of another folder's cluster of the same name.
fn remove_network(cluster: &ClusterName, cancel: &Cancel) -> Result<()> {
    let others = format!("{cluster}-");
    if machines(cancel)?.iter().any(|name| name.starts_with(&others)) {
        return Ok(());
    }
    let network = render::libvirt_network(cluster);
    let said = ask(&virsh()?.args(["net-dumpxml", &network]), cancel)?;
    if !said.ok() || said.stdout.contains(" connections=") {
        return Ok(());
    }
    // One that is off already refuses, which is as well.
    ask(&virsh()?.args(["net-destroy", &network]), cancel)?;
    ask(&virsh()?.args(["net-undefine", &network]), cancel).map(drop)
}

/// Whether a description ends with the mark.
fn is_marked(description: &str, state_id: &str) -> bool {
    let mark = description.trim().rsplit_once("(kprov/state ");
    mark.is_some_and(|(_, mark)| mark.strip_suffix(')') == Some(state_id))
}

fn path() -> Option<std::path::PathBuf> {
    platform::program(&["virsh"])
}

fn virsh() -> Result<Program> {
    let path = path().ok_or_else(|| Error::host(t!("provider.not-installed", program = "virsh")))?;
    Ok(Program::new(path)
        .env("LC_ALL", "C")
        .args(["--connect", SYSTEM])
        .timeout(Duration::from_secs(60)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_known_by_the_end_of_its_description() {
        let said = "kprov: a node of the cluster lab (kprov/state 5ae1)\n";
        assert!(is_marked(said, "5ae1"));
        for other in ["5ae", "ae1", "", "5ae1)"] {
            assert!(!is_marked(said, other), "{other}");
        }
        assert!(!is_marked("No description for domain: win11\n", "5ae1"));
        assert!(!is_marked("a copy of (kprov/state 5ae1) by hand\n", "5ae1"));
    }
}
