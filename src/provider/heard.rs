//! What Vagrant writes while a machine boots, and what it means.

use std::time::{Duration, Instant};

use super::vagrant::Vagrant;
use super::{libvirt, virtualbox};
use crate::error::Error;
use crate::names::NodeName;
use crate::spec::Provider;
use crate::t;

/// How long a machine that boots may be silent until its console is worth a look.
const SILENT: Duration = Duration::from_secs(90);

/// Said by vagrant-libvirt of a machine that was switched on.
const WAITS_FOR_ADDRESS: &str = "Waiting for domain to get an IP address...";

/// What a machine's boot says of itself.
#[derive(Debug)]
pub enum Heard<'a> {
    /// A line that Vagrant wrote.
    Line(&'a str),
    /// How far a download, an import or a clone is.
    Percent(u64),
    /// What all machines share is made: the image that they are clones of, and the network.
    SharedIsMade,
    /// The machine boots, but does not answer; with what can be done to look at it.
    TakesLong(String),
}

impl Vagrant {
    /// Tells what a line of `vagrant up` means. `boots_since`: when the machine was switched on.
    pub(super) fn interpret(
        &self,
        node: &NodeName,
        line: &str,
        boots_since: &mut Option<Instant>,
        hear: &mut dyn FnMut(Heard),
    ) {
        if let Some(percent) = percent(line) {
            return hear(Heard::Percent(percent));
        }
        let line = line.trim_start_matches("\u{1b}[K").trim_end();
        if line.is_empty() {
            return;
        }
        hear(Heard::Line(line));
        if line.ends_with("Booting VM...") && self.provider == Provider::Virtualbox {
            *boots_since = Some(Instant::now());
            hear(Heard::SharedIsMade);
        } else if line.ends_with(WAITS_FOR_ADDRESS) {
            *boots_since = Some(Instant::now());
        } else if boots_since.is_some_and(|since| since.elapsed() > SILENT) {
            *boots_since = None;
            hear(Heard::TakesLong(t!(
                "virtualbox.takes-long",
                seconds = SILENT.as_secs(),
                command = self.console(node)
            )));
        }
    }

    /// How a machine's screen is looked at.
    fn console(&self, node: &NodeName) -> String {
        let title = self.title(node);
        match self.provider {
            Provider::Libvirt => libvirt::console(&title),
            Provider::Docker => format!("docker logs {title}"),
            _ => virtualbox::screenshot(&title),
        }
    }

    /// What somebody does about a machine whose network answers and whose SSH server does not run.
    #[must_use]
    pub fn without_server(&self, node: &NodeName) -> Vec<String> {
        let title = self.title(node);
        let again = t!("refused.restart", node = node);
        let console = |command: String| t!("refused.console", node = node, command = command);
        match self.provider {
            // The pods in it go on.
            Provider::Docker => vec![t!("refused.container", node = node, name = title), again],
            Provider::Virtualbox => vec![again, console(virtualbox::window(&title))],
            _ => vec![again, console(self.console(node))],
        }
    }

    /// The failure of a machine that was switched on and never answered.
    pub(super) fn silent(&self, node: &NodeName, failed: Error) -> Error {
        let error = Error::step(t!("provider.silent", node = node)).evidence(failed.evidence);
        if self.provider != Provider::Virtualbox {
            return error.hint(t!("provider.silent-hint", command = self.console(node)));
        }
        let window = virtualbox::window(&self.title(node));
        error
            .hint(t!("virtualbox.silent-hint", command = window))
            .hint(t!("virtualbox.screenshot-hint", command = self.console(node)))
    }
}

/// The percentage that Vagrant draws over and over: `==> m-k8s: Progress: 20%`, with a rate behind it for downloads.
fn percent(line: &str) -> Option<u64> {
    let (_, progress) = line.split_once("Progress: ")?;
    progress
        .split_once('%')?
        .0
        .parse()
        .ok()
        .filter(|percent| *percent <= 100)
}

/// Whether Vagrant gave up on a machine that runs: in its own words, in what vagrant-libvirt leaves of fog's, or without
/// a word.
pub(super) fn is_silent(said: &str) -> bool {
    said.contains("Timed out while waiting for the machine to boot")
        || said.contains("The specified wait_for timeout")
        || said.trim_end().ends_with(WAITS_FOR_ADDRESS)
}

/// Whether Vagrant says that another Vagrant works on the machine or on its folder.
pub(super) fn is_locked(said: &str) -> bool {
    said.contains("because it is locked")
        || said.contains("is already executing")
        || said.contains("is locked by another")
}

#[cfg(test)]
mod tests {
    use super::is_silent;

    #[test]
    fn a_machine_that_runs_and_never_answers_is_told_from_other_failures() {
        for said in [
            "==> m-k8s: Waiting for machine to boot.\nTimed out while waiting for the machine to boot. This means that",
            "wait_for': The specified wait_for timeout (2 seconds) was exceeded (Fog::Errors::TimeoutError)",
            "==> m-k8s: Starting domain.\n==> m-k8s: Waiting for domain to get an IP address...\n",
        ] {
            assert!(is_silent(said), "{said}");
        }
        let other =
            "==> m-k8s: Waiting for domain to get an IP address...\nCall to virDomainCreate failed: no kvm\n";
        assert!(!is_silent(other));
    }
}
