//! The plan of `kprov reset`: Kubernetes taken off the nodes, while machines, programs and images stay for the next `up`.

use std::time::Duration;

use super::steps::{Build, api, known, step};
use super::supplies::Supplies;
use super::{Lane, Plan, Step, script};
use crate::event::StepId;
use crate::names::NodeName;
use crate::spec::{Node, Provider, Spec};

/// What the slowest of the two scripts may take after it has done its work.
const SOON: Duration = Duration::from_secs(30);

/// Makes the plan for all nodes, or for one worker, which leaves the cluster in good order first. `provider` is the
/// resolved one.
#[must_use]
pub fn plan(spec: &Spec, provider: Provider, only: Option<&Node>) -> Plan {
    let forgetful = Forgetful {
        spec,
        provider,
        supplies: &Supplies::default(),
    };
    let lanes = match only {
        None => spec.nodes.iter().map(|node| forgetful.lane(node, &[])).collect(),
        Some(node) => {
            let farewell = forgetful.farewell(&node.name);
            let last = farewell.steps.last().map(|step| step.id(&farewell.name));
            let lane = forgetful.lane(node, last.as_slice());
            vec![farewell, lane]
        }
    };
    Plan::changing("reset", &spec.name, lanes)
}

/// Makes the plan by which a worker leaves the cluster whose machine is removed afterwards; the config file may have it
/// no more. `provider` is the resolved one.
#[must_use]
pub fn farewell(spec: &Spec, provider: Provider, node: &NodeName) -> Plan {
    let forgetful = Forgetful {
        spec,
        provider,
        supplies: &Supplies::default(),
    };
    Plan::changing("destroy", &spec.name, vec![forgetful.farewell(node)])
}

struct Forgetful<'a> {
    spec: &'a Spec,
    provider: Provider,
    supplies: &'a Supplies,
}

impl Forgetful<'_> {
    /// A node forgets its cluster as soon as the steps `over` have ended, whatever came of them.
    fn lane(&self, node: &Node, over: &[StepId]) -> Lane {
        // A host that was there before may have become another cluster's; a machine of kprov's is the lab's alone.
        let api = match self.provider {
            Provider::Ssh => api(self.spec),
            _ => String::new(),
        };
        let variables = vec![("RUNTIME", known(self.spec.runtime.name())), ("API", known(api))];
        let mut forget = step(script::FORGET.name, node, &script::FORGET, variables);
        forget.patience = SOON;
        forget.once_over = over.to_vec();
        let mut steps = self.reached(node);
        steps.push(forget);
        Lane {
            name: (&node.name).into(),
            independent: false,
            steps,
        }
    }

    /// The first control plane sees the node off.
    fn farewell(&self, node: &NodeName) -> Lane {
        let first = self.spec.first_control_plane();
        let mut steps = self.reached(first);
        let variables = vec![("NODE", known(node.as_str()))];
        steps.push(step(script::LEAVE.name, first, &script::LEAVE, variables));
        Lane {
            name: (&first.name).into(),
            independent: false,
            steps,
        }
    }

    /// A machine that is switched off is switched on.
    fn reached(&self, node: &Node) -> Vec<Step> {
        let build = Build {
            spec: self.spec,
            provider: self.provider,
            supplies: self.supplies,
        };
        let mut boot = build.boot(node);
        // The machines are made already, so nothing of what they are made from is.
        boot.after.clear();
        vec![boot, build.connect(node)]
    }
}
