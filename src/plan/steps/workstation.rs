//! What happens on this computer.

use super::kubeadm::{ADMIN_CONF, ADMIN_CONF_SUM};
use super::{Build, SOON, hints, title};
use crate::event::StepId;
use crate::plan::{Action, Lane, Step, Workstation};
use crate::spec::Provider;

/// The name of the step that downloads, and of its lane.
const DOWNLOADS: &str = "downloads";

/// The step after which everything is there that is downloaded.
pub(super) fn downloaded() -> StepId {
    StepId {
        lane: DOWNLOADS.into(),
        step: DOWNLOADS.into(),
    }
}

impl Build<'_> {
    /// What happens on this computer.
    pub(in crate::plan) fn workstation(&self) -> Lane {
        let local = |name: &str, work, after| Step {
            name: name.into(),
            title: title(name, name),
            action: Action::Workstation(work),
            after,
            once_over: Vec::new(),
            patience: SOON,
            hints: hints(name),
            commands: Vec::new(),
        };
        let mut steps = Vec::new();
        if self.provider == Provider::Docker {
            steps.push(local("node-image", Workstation::NodeImage, Vec::new()));
        }
        if self.supplies.machine_box {
            steps.push(local("box", Workstation::MachineBox, Vec::new()));
        }
        let kubeconfig = Workstation::Kubeconfig {
            sum: ADMIN_CONF_SUM.into(),
            content: ADMIN_CONF.into(),
        };
        steps.push(local("kubeconfig", kubeconfig, vec![self.first_init()]));
        Lane {
            name: "workstation".into(),
            independent: false,
            steps,
        }
    }

    /// The lane that downloads what the nodes get, beside everything that needs nothing of it.
    pub(in crate::plan) fn downloads(&self) -> Option<Lane> {
        let step = Step {
            name: DOWNLOADS.into(),
            title: title(DOWNLOADS, DOWNLOADS),
            action: Action::Workstation(Workstation::Downloads),
            after: Vec::new(),
            once_over: Vec::new(),
            patience: SOON,
            hints: hints(DOWNLOADS),
            commands: Vec::new(),
        };
        self.supplies.downloads.then(|| Lane {
            name: DOWNLOADS.into(),
            independent: false,
            steps: vec![step],
        })
    }
}
