//! Machines: booted, and reached.

use std::time::Duration;

use super::{Build, SOON, hints, title};
use crate::event::StepId;
use crate::plan::{Action, Step};
use crate::spec::{Node, Provider};

/// Until a machine that boots answers; Vagrant's own `boot_timeout` in the Vagrantfile.
const BOOT: Duration = Duration::from_secs(600);
/// Until the SSH server of a machine runs whose network does already. As long as an emulated one takes to boot at all: its
/// network comes late in that, and its SSH server soon after.
const SERVER: Duration = Duration::from_secs(240);
/// The same of a container, which boots in seconds and in a minute where the computer has far too much to do.
const SERVER_IN_CONTAINER: Duration = Duration::from_secs(120);

impl Build<'_> {
    pub(in crate::plan) fn boot(&self, node: &Node) -> Step {
        let made_of = match self.provider {
            Provider::Docker => Some("node-image"),
            _ => self.supplies.machine_box.then_some("box"),
        };
        let after = made_of.map(|step| StepId {
            lane: "workstation".into(),
            step: step.into(),
        });
        self.machine(
            "boot",
            Action::Boot(node.name.clone()),
            after.into_iter().collect(),
        )
    }

    pub(in crate::plan) fn connect(&self, node: &Node) -> Step {
        let server = match self.provider {
            Provider::Docker => SERVER_IN_CONTAINER,
            Provider::Ssh => SOON,
            _ => SERVER,
        };
        let action = Action::Connect(node.name.clone(), server);
        self.machine("connect", action, Vec::new())
    }

    fn machine(&self, name: &str, action: Action, after: Vec<StepId>) -> Step {
        let patience = if self.provider == Provider::Ssh {
            SOON
        } else {
            BOOT
        };
        Step {
            name: name.into(),
            title: title(name, name),
            action,
            after,
            once_over: Vec::new(),
            patience,
            hints: hints(name),
            commands: Vec::new(),
        }
    }
}
