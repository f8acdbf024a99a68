//! The plan that undoes kprov's work on hosts that existed before it: `kprov destroy` for the provider `ssh`.

use std::time::Duration;

use super::script;
use super::steps::{known, step};
use super::{Action, Lane, Plan, Step};
use crate::render;
use crate::spec::{Role, Spec};
use crate::t;

/// How long a host that is to be reset may be silent.
const SOON: Duration = Duration::from_secs(10);

/// Workers first let go, control planes last, so that each can say goodbye; each host in a lane of its own.
#[must_use]
pub fn plan(spec: &Spec) -> Plan {
    let workers = spec.workers().map(|node| crate::event::StepId {
        lane: (&node.name).into(),
        step: "reset".into(),
    });
    let workers: Vec<_> = workers.collect();
    let lanes = spec.nodes.iter().map(|node| {
        let connect = Step {
            name: "connect".into(),
            title: t!("plan.connect-title"),
            action: Action::Connect(node.name.clone(), SOON),
            after: Vec::new(),
            once_over: Vec::new(),
            patience: SOON,
            hints: Vec::new(),
            commands: Vec::new(),
        };
        let mut reset = step(
            "reset",
            node,
            &script::RESET,
            vec![
                ("NAME", known(node.name.as_str())),
                ("RUNTIME", known(spec.runtime.name())),
                ("SOCKET", known(render::cri_socket(spec))),
            ],
        );
        reset.patience = Duration::from_secs(60);
        if node.role == Role::ControlPlane {
            reset.after.clone_from(&workers);
        }
        Lane {
            name: (&node.name).into(),
            independent: false,
            steps: vec![connect, reset],
        }
    });
    Plan::changing("destroy", &spec.name, lanes.collect())
}
