//! Machines that exist already, through Vagrant: switched off, and their snapshots.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Vagrant;
use crate::error::Result;
use crate::names::NodeName;
use crate::t;
use crate::transport::Cancel;

/// What is done with snapshots; each has the name under which machines have theirs.
#[derive(Debug, Clone, Copy)]
pub enum Snapshot<'a> {
    /// Takes one.
    Save(&'a str),
    /// Goes back to it; the machines are off afterwards, or as if they slept.
    Restore(&'a str),
    /// Forgets it.
    Delete(&'a str),
}

/// Whether a machine runs, as its provider sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Machine {
    /// It runs; whether its system does is another question.
    On,
    /// It is switched off, saved or suspended.
    Off,
    /// There is none: it was never made, or somebody removed it.
    Missing,
}

impl Vagrant {
    /// What each machine does, as Vagrant learns it from the provider.
    ///
    /// # Errors
    /// When Vagrant fails: with its last lines.
    pub fn machines(&self, cancel: &Cancel) -> Result<BTreeMap<String, Machine>> {
        let program = self
            .vagrant()?
            .args(["status", "--machine-readable"])
            .timeout(Duration::from_secs(120));
        let ended = self.run(&program, cancel, &mut |_| {})?;
        if ended.ok() {
            return Ok(machines(&ended.stdout));
        }
        Err(self.failed(&program, &ended))
    }

    /// Switches all machines off, or one: the workers first, each as by its own button.
    ///
    /// # Errors
    /// When Vagrant fails: with its last lines.
    pub fn halt(&self, only: Option<&NodeName>, cancel: &Cancel, say: &mut dyn FnMut(&str)) -> Result<()> {
        match only {
            Some(node) => self.obey(&["halt", node.as_str()], cancel, say),
            // Vagrant takes the machines of its file from the last to the first.
            None => self.obey(&["halt"], cancel, say),
        }
        .map(drop)
    }

    /// Does something with the snapshots of these machines, or of all with one call of Vagrant, which is quicker.
    ///
    /// # Errors
    /// When Vagrant fails: with its last lines.
    pub fn snapshot(
        &self,
        what: Snapshot,
        only: Option<&[String]>,
        cancel: &Cancel,
        say: &mut dyn FnMut(&str),
    ) -> Result<()> {
        let (verb, name, options): (_, _, &[&str]) = match what {
            Snapshot::Save(name) => ("save", name, &[]),
            Snapshot::Restore(name) => ("restore", name, &["--no-start", "--no-provision"]),
            Snapshot::Delete(name) => ("delete", name, &[]),
        };
        let each = only.map_or_else(|| vec![None], |only| only.iter().map(Some).collect());
        for machine in each {
            let mut arguments = vec!["snapshot", verb];
            arguments.extend(machine.map(String::as_str));
            arguments.push(name);
            arguments.extend(options);
            self.obey(&arguments, cancel, say)?;
        }
        Ok(())
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
        let ended = self.run(&program, cancel, say)?;
        if ended.ok() {
            return Ok(ended.stdout);
        }
        Err(self.failed(&program, &ended))
    }
}

/// Lines `TIME,NAME,state,STATE`, among others. Of a machine in any other state nothing is known.
fn machines(said: &str) -> BTreeMap<String, Machine> {
    let states = said.lines().filter_map(|line| {
        let mut words = line.trim_end().split(',').skip(1);
        let (name, "state", state) = (words.next()?, words.next()?, words.next()?) else {
            return None;
        };
        let machine = match state {
            "running" | "starting" | "paused" | "blocked" => Machine::On,
            "stopped" | "poweroff" | "aborted" | "aborted-saved" | "saved" | "shutoff" | "shutdown"
            | "pmsuspended" => Machine::Off,
            "not_created" => Machine::Missing,
            _ => return None,
        };
        Some((name.to_owned(), machine))
    });
    states.collect()
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
    use super::{Machine, machines, snapshots};

    #[test]
    fn machines_are_read_among_what_else_is_said() {
        let said = "1790,m-k8s,metadata,provider,docker\n1790,m-k8s,provider-name,docker\n1790,m-k8s,state,running\n\
                    1790,m-k8s,state-human-short,running\n1790,w1-k8s,state,stopped\n1790,w2-k8s,state,not_created\n\
                    1790,w3-k8s,state,poweroff\n1790,w4-k8s,state,inaccessible\n1790,,ui,info,Current machine states\n";
        let read = machines(said);
        assert_eq!(
            read.values().copied().collect::<Vec<_>>(),
            [Machine::On, Machine::Off, Machine::Missing, Machine::Off]
        );
    }

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
