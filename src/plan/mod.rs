//! What is to be done: lanes of steps, as data.
//!
//! A plan is made by a pure function from a [`Spec`], so it can be printed, compared and
//! tested without any machine. The [engine](crate::engine) carries it out.
//!
//! A step is one sentence: *`check` must be true within `patience`; if it is not, `apply` runs once, then the
//! same check again.* A lane is the ordered list of one node's steps. The only order between lanes are gates:
//! a step's `apply` starts when the steps named in [`Step::after`] hold.

use std::time::Duration;

use crate::event::{LaneOutline, StepId};
use crate::names::{ClusterName, FactName, LaneName, NodeName, StepName};
use crate::spec::{Implementation, Spec};

pub mod forget;
pub mod lesson;
mod outline;
pub mod reset;
pub mod resume;
mod script;
mod steps;
mod supplies;
pub mod up;
pub mod verify;

pub use outline::to_text;
pub use script::{ALL as SCRIPTS, LIBRARY, RUNNER, Script};
pub use steps::guest_fact;

/// Everything one command does.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The command, such as `up`.
    pub command: &'static str,
    /// The cluster that it is done to.
    pub cluster: ClusterName,
    /// Whether it changes nodes: then it has each node for itself, and waits for what an earlier run left at work.
    pub exclusive: bool,
    /// Whether its steps are checks: then what one makes is made anew without a look before, and one that builds on a
    /// check which does not hold is skipped.
    pub proves: bool,
    /// The most scripts that run on nodes at a time; `None` for no bound.
    pub at_once: Option<usize>,
    /// Lanes that run side by side.
    pub lanes: Vec<Lane>,
    /// Lanes that run after all others have ended, whatever came of them.
    pub finally: Vec<Lane>,
    /// Facts that steps may ask for.
    pub facts: Vec<Fact>,
}

/// An ordered list of steps. A step that fails ends its lane, unless that is `independent`.
#[derive(Debug, Clone)]
pub struct Lane {
    /// Its name; a node's own for a node's lane.
    pub name: LaneName,
    /// Whether its steps have nothing to do with each other: then a step that fails does not end the lane.
    pub independent: bool,
    /// Its steps, in order.
    pub steps: Vec<Step>,
}

/// One thing that has to hold.
#[derive(Debug, Clone)]
pub struct Step {
    /// Its name, unique in its lane.
    pub name: StepName,
    /// What has to hold, in the user's language.
    pub title: String,
    /// How it is checked and made to hold.
    pub action: Action,
    /// Steps of other lanes that must hold before this one's `apply` (or, where there is no `apply`, its check).
    pub after: Vec<StepId>,
    /// Steps of other lanes that must have ended before its check, whatever came of them.
    pub once_over: Vec<StepId>,
    /// For how long the check may stay false: from the start where there is no `apply`, after it otherwise.
    pub patience: Duration,
    /// What the user does when it fails, the likeliest first.
    pub hints: Vec<String>,
    /// What a person types to see the same, a line each; only checks have it.
    pub commands: Vec<String>,
}

/// How a step is checked and made to hold.
#[derive(Debug, Clone)]
pub enum Action {
    /// The machine of this node answers over SSH; otherwise its provider boots it.
    Boot(NodeName),
    /// The machine of this node answers over SSH, at the latest when patience ends; or when, for as long as this, its
    /// network answered and no SSH server was there.
    Connect(NodeName, Duration),
    /// A script on a node.
    Script(NodeName, Call),
    /// Work on this computer.
    Workstation(Workstation),
    /// Nothing: a check that cannot be made here, and why.
    Skip(String),
}

/// A node script with its variables.
#[derive(Debug, Clone)]
pub struct Call {
    /// The script.
    pub script: &'static Script,
    /// Its variables.
    pub variables: Vec<(&'static str, Value)>,
    /// The artifact that its `apply` reads from standard input, by its path in the pack or its key in the catalog.
    pub payload: Option<String>,
}

/// The value of a script's variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Known when the plan is made.
    Text(String),
    /// Asked for when the step has to be applied. Never shown: facts may be secret.
    Fact(FactName),
}

/// Work on this computer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Workstation {
    /// The container image of the nodes is there.
    NodeImage,
    /// Vagrant has the box of the machines.
    MachineBox,
    /// The files that the nodes get from this computer were downloaded.
    Downloads,
    /// The kubeconfig beside the cluster's state is the control plane's own.
    Kubeconfig {
        /// Publishes the checksum of the control plane's file.
        sum: FactName,
        /// The file itself.
        content: FactName,
    },
    /// An address answers on the port of HTTP with nginx's welcome page.
    HttpGetAt {
        /// The address, as a fact.
        address: FactName,
        /// Words that the page has to hold.
        expect: String,
    },
    /// The clocks of these nodes agree.
    Clocks {
        /// The nodes.
        nodes: Vec<NodeName>,
    },
    /// A web address answers as an instructor wants it.
    Request {
        /// The address.
        url: String,
        /// The status that has to come back.
        status: u16,
        /// Words that the page has to hold.
        expect: Option<String>,
    },
    /// The machine of a node is switched off, or on.
    Power {
        /// The node.
        node: NodeName,
        /// Whether it is to answer.
        on: bool,
    },
    /// Every address answers on a port with nginx's welcome page.
    HttpGet {
        /// Addresses.
        hosts: Vec<String>,
        /// The port, as a fact.
        port: FactName,
        /// Words that the page has to hold.
        expect: String,
    },
}

/// A value made on one node and used elsewhere: asked for at the first need, once a run.
#[derive(Debug, Clone)]
pub struct Fact {
    /// Its name.
    pub name: FactName,
    /// Where it comes from.
    pub source: Source,
}

/// Where a fact comes from.
#[derive(Debug, Clone)]
pub enum Source {
    /// A step publishes it whenever its check holds.
    Published(StepId),
    /// A script on a node prints it.
    Script(NodeName, Call),
}

/// The files of kprov's own services that the nodes of this Spec get, by name: for a look at them.
#[must_use]
pub fn services(spec: &Spec) -> Vec<(&'static str, &'static str)> {
    let mut files = Vec::new();
    let pool = spec.network.load_balancer;
    if pool.is_some_and(|pool| pool.implementation == Implementation::Kprov) {
        files.extend(steps::LOAD_BALANCER_FILES);
    }
    if !spec.artifacts.images.is_empty() {
        files.push(steps::REGISTRY_FILE);
    }
    files
}

impl Workstation {
    /// The nodes that it asks over SSH.
    #[must_use]
    pub fn nodes(&self) -> &[NodeName] {
        match self {
            Self::Clocks { nodes } => nodes,
            Self::Power { node, .. } => std::slice::from_ref(node),
            _ => &[],
        }
    }

    /// Whether there is something to do when it does not hold.
    #[must_use]
    pub const fn applies(&self) -> bool {
        match self {
            Self::NodeImage
            | Self::MachineBox
            | Self::Downloads
            | Self::Kubeconfig { .. }
            | Self::Power { .. } => true,
            Self::HttpGet { .. } | Self::HttpGetAt { .. } | Self::Clocks { .. } | Self::Request { .. } => {
                false
            }
        }
    }
}

impl Plan {
    /// A plan whose lanes change nodes, and in which nothing comes after them.
    fn changing(command: &'static str, cluster: &ClusterName, lanes: Vec<Lane>) -> Self {
        Self {
            command,
            cluster: cluster.clone(),
            exclusive: true,
            proves: false,
            at_once: None,
            lanes,
            finally: Vec::new(),
            facts: Vec::new(),
        }
    }

    /// Lanes and steps with their titles, as the first event of a run tells them.
    #[must_use]
    pub fn outline(&self) -> Vec<LaneOutline> {
        self.lanes
            .iter()
            .chain(&self.finally)
            .map(|lane| LaneOutline {
                lane: lane.name.clone(),
                steps: lane
                    .steps
                    .iter()
                    .map(|step| (step.name.clone(), step.title.clone()))
                    .collect(),
            })
            .collect()
    }

    /// Takes lanes out, and the gates that lead to them.
    fn leave_out(&mut self, lanes: &[LaneName]) {
        self.lanes.retain(|lane| !lanes.contains(&lane.name));
        for step in self.lanes.iter_mut().flat_map(|lane| &mut lane.steps) {
            for gates in [&mut step.after, &mut step.once_over] {
                gates.retain(|gate| !lanes.contains(&gate.lane));
            }
        }
    }

    /// The fact of that name.
    #[must_use]
    pub fn fact(&self, name: &FactName) -> Option<&Fact> {
        self.facts.iter().find(|fact| fact.name == *name)
    }

    /// Every gate and fact of the plan that names nothing that is in it; empty for a sound plan.
    #[must_use]
    pub fn dangling(&self) -> Vec<String> {
        let steps: Vec<StepId> = self
            .outline()
            .iter()
            .flat_map(|lane| {
                lane.steps.iter().map(|(step, _)| StepId {
                    lane: lane.lane.clone(),
                    step: step.clone(),
                })
            })
            .collect();
        let mut dangling = Vec::new();
        for lane in self.lanes.iter().chain(&self.finally) {
            for step in &lane.steps {
                let id = step.id(&lane.name);
                dangling.extend(
                    step.after
                        .iter()
                        .chain(&step.once_over)
                        .filter(|gate| !steps.contains(gate))
                        .map(|gate| format!("{id} waits for {gate}, which is no step")),
                );
                dangling.extend(
                    step.facts()
                        .filter(|fact| self.fact(fact).is_none())
                        .map(|fact| format!("{id} needs the fact {fact}, which nothing makes")),
                );
            }
        }
        dangling
    }
}

impl Step {
    /// This step as one of `lane`.
    #[must_use]
    pub fn id(&self, lane: &LaneName) -> StepId {
        StepId {
            lane: lane.clone(),
            step: self.name.clone(),
        }
    }

    /// The facts that it uses.
    pub fn facts(&self) -> impl Iterator<Item = &FactName> {
        let (variables, local) = match &self.action {
            Action::Script(_, call) => (call.variables.as_slice(), Vec::new()),
            Action::Workstation(Workstation::Kubeconfig { sum, content }) => (&[][..], vec![sum, content]),
            Action::Workstation(
                Workstation::HttpGet { port: fact, .. } | Workstation::HttpGetAt { address: fact, .. },
            ) => (&[][..], vec![fact]),
            Action::Workstation(
                Workstation::NodeImage
                | Workstation::MachineBox
                | Workstation::Downloads
                | Workstation::Clocks { .. }
                | Workstation::Power { .. }
                | Workstation::Request { .. },
            )
            | Action::Boot(_)
            | Action::Connect(..)
            | Action::Skip(_) => (&[][..], Vec::new()),
        };
        variables
            .iter()
            .filter_map(|(_, value)| match value {
                Value::Fact(name) => Some(name),
                Value::Text(_) => None,
            })
            .chain(local)
    }
}
