//! Machines that exist already, through Vagrant: switched off, and their snapshots.

use std::collections::BTreeMap;

use super::Vagrant;
use crate::error::Result;
use crate::names::NodeName;
use crate::t;
use crate::transport::Cancel;

/// What is done with snapshots; each has the name under which all machines have theirs.
#[derive(Debug, Clone, Copy)]
pub enum Snapshot<'a> {
    /// Takes one of each machine.
    Save(&'a str),
    /// Goes back to it; the machines are off afterwards, or as if they slept.
    Restore(&'a str),
    /// Forgets it.
    Delete(&'a str),
}

impl Vagrant {
    /// Switches all machines off, or one: the workers first, each as by its own button. Names those that there are.
    ///
    /// # Errors
    /// When Vagrant fails: with its last lines.
    pub fn halt(
        &self,
        only: Option<&NodeName>,
        cancel: &Cancel,
        say: &mut dyn FnMut(&str),
    ) -> Result<Vec<String>> {
        let mut known = self.known();
        known.retain(|node| only.is_none_or(|only| node == only.as_str()));
        match only {
            _ if known.is_empty() => {}
            Some(node) => drop(self.obey(&["halt", node.as_str()], cancel, say)?),
            // Vagrant takes the machines of its file from the last to the first.
            None => drop(self.obey(&["halt"], cancel, say)?),
        }
        Ok(known)
    }

    /// Does something with the snapshots of all machines.
    ///
    /// # Errors
    /// When Vagrant fails: with its last lines.
    pub fn snapshot(&self, what: Snapshot, cancel: &Cancel, say: &mut dyn FnMut(&str)) -> Result<()> {
        match what {
            Snapshot::Save(name) => self.obey(&["snapshot", "save", name], cancel, say),
            Snapshot::Restore(name) => {
                let restore = ["snapshot", "restore", name, "--no-start", "--no-provision"];
                self.obey(&restore, cancel, say)
            }
            Snapshot::Delete(name) => self.obey(&["snapshot", "delete", name], cancel, say),
        }
        .map(drop)
    }

    /// The snapshots that there are, each with the machines that have it.
    ///
    /// # Errors
    /// When Vagrant fails: with its last lines.
    pub fn snapshots(&self, cancel: &Cancel) -> Result<BTreeMap<String, Vec<String>>> {
        let said = self.obey(&["snapshot", "list"], cancel, &mut |_| {})?;
        Ok(snapshots(&said))
    }

    /// Runs Vagrant with these arguments, and returns what it wrote on standard output.
    fn obey(&self, arguments: &[&str], cancel: &Cancel, say: &mut dyn FnMut(&str)) -> Result<String> {
        let program = self.vagrant()?.args(arguments).timeout(super::vagrant::BOOT);
        say(&t!("provider.running", command = program.display()));
        let ended = super::vagrant::run(&program, cancel, say)?;
        if ended.ok() {
            return Ok(ended.stdout);
        }
        Err(self.failed(&program, &ended))
    }
}

/// A line `==> NAME: ` for each machine that has snapshots, and their names on the lines below; one without any has a
/// message on its line.
fn snapshots(said: &str) -> BTreeMap<String, Vec<String>> {
    let mut of_machine = None;
    let mut snapshots: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in said.lines() {
        if let Some(heading) = line.strip_prefix("==> ") {
            of_machine = heading
                .split_once(':')
                .filter(|(_, message)| message.trim().is_empty())
                .map(|(name, _)| name.to_owned());
        } else if let (Some(machine), name) = (&of_machine, line.trim())
            && !name.is_empty()
        {
            snapshots
                .entry(name.to_owned())
                .or_default()
                .push(machine.clone());
        }
    }
    snapshots
}

#[cfg(test)]
mod tests {
    use super::snapshots;

    #[test]
    fn snapshots_are_read_below_their_machines() {
        let said = "==> m-k8s: \nbefore\nafter\n==> w1-k8s: No snapshots have been taken yet!\n    \
                    w1-k8s: You can take a snapshot using `vagrant snapshot save`.\n==> w2-k8s: \nbefore\n";
        let read = snapshots(said);
        assert_eq!(read["before"], ["m-k8s", "w2-k8s"]);
        assert_eq!(read["after"], ["m-k8s"]);
        assert_eq!(read.len(), 2);
    }
}
