//! A node that stops, and what Kubernetes makes of it: only when it is asked for, and after everything else, which it
//! would disturb.

use super::checks::{Checks, after, all, call, chain, id};
use super::{Comeback, Member, Plan, Settings, Subject};
use crate::names::NodeName;
use crate::plan::script::{self, Script};
use crate::plan::steps::known;
use crate::plan::{Action, Lane, Step, Value, Workstation};
use crate::t;

/// The lane of the node that is stopped.
pub(super) const DISRUPTIVE: &str = "disruptive";
/// The lane that starts it again, whatever happened.
pub(super) const RESTART: &str = "restart";

/// After how many seconds the sample's pods leave a node that does not answer; Kubernetes itself gives them 300.
const PATIENCE_OF_PODS: u64 = 5;

/// After how many seconds a host starts its kubelet by itself, should kprov not come back: longer than all of this takes.
const KUBELET_OFF: u64 = 300;

impl Checks<'_> {
    /// A worker with pods is stopped once all checks of `others` are over; the second lane starts it again.
    /// Without `disruptive` there is nothing of it.
    pub(super) fn disruption(&self, others: &[Lane]) -> Option<(Lane, Option<Lane>)> {
        if !self.settings.disruptive {
            return None;
        }
        let (node, name, comeback) = match self.stoppable() {
            Ok(all) => all,
            Err(why) => {
                let last = self.subject.nodes.last().map_or("", |node| node.name.as_str());
                let skipped = self.step("resident", last, Action::Skip(why), 0);
                return Some((chain(DISRUPTIVE, vec![skipped]), None));
            }
        };
        let node_is = || ("NODE", known(&node.name));
        let resident = vec![
            self.namespace(),
            node_is(),
            ("IMAGE", known(&self.subject.image)),
            ("SECONDS_AWAY", known(PATIENCE_OF_PODS.to_string())),
        ];
        let mut resident = self.about(node, "resident", &script::VERIFY_RESIDENT, resident, 60);
        resident.once_over.extend(all(others));
        let replaced = vec![self.namespace(), node_is()];
        let steps = vec![
            after(resident, [id("pod", "pod")]),
            self.stop(node, name, comeback),
            // The control plane waits 40 s for a sign of life, and looks every 5 s.
            self.about(node, "noticed", &script::VERIFY_NOTICED, vec![node_is()], 120),
            self.about(node, "replaced", &script::VERIFY_REPLACED, replaced, 90),
        ];
        let mut restart = restart(self.subject, self.settings, node, comeback);
        if let Some(first) = restart.steps.first_mut() {
            first.after.push(id(DISRUPTIVE, "resident"));
            first.once_over.push(id(DISRUPTIVE, "replaced"));
        }
        Some((chain(DISRUPTIVE, steps), Some(restart)))
    }

    /// A check of a node that goes through kubectl, on another.
    fn about(
        &self,
        node: &Member,
        name: &str,
        script: &'static Script,
        variables: Vec<(&'static str, Value)>,
        seconds: u64,
    ) -> Step {
        let action = call(self.subject.kubectl.clone(), script, variables);
        self.step(name, &node.name, action, seconds)
    }

    fn power(&self, node: &Member, name: &str, machine: NodeName, on: bool, seconds: u64) -> Step {
        let work = Workstation::Power { node: machine, on };
        self.step(name, &node.name, Action::Workstation(work), seconds)
    }

    fn stop(&self, node: &Member, name: NodeName, comeback: &Comeback) -> Step {
        if comeback.machine {
            return self.power(node, "stopped", name, false, 15);
        }
        let again = ("SECONDS_OFF", known(KUBELET_OFF.to_string()));
        self.on(
            node,
            "kubelet-stopped",
            &script::VERIFY_KUBELET_STOPPED,
            vec![again],
            15,
        )
    }

    /// The worker that is switched off, and what it needs afterwards; or why there is none.
    fn stoppable(&self) -> Result<(&Member, NodeName, &Comeback), String> {
        let comeback = self.subject.comeback.as_ref().filter(|_| self.subject.ssh);
        let comeback = comeback.ok_or_else(|| t!("verify.skip-power-foreign"))?;
        let mut workers = self.subject.nodes.iter().filter(|node| !node.control_plane);
        let last = workers.next_back().filter(|_| workers.next().is_some());
        let named = last.and_then(|node| Some((node, NodeName::new(&node.name).ok()?, comeback)));
        named.ok_or_else(|| t!("verify.skip-power-alone"))
    }
}

/// Starts a node, however little is known of what became of it.
fn restart(subject: &Subject, settings: &Settings, node: &Member, comeback: &Comeback) -> Lane {
    // A node is not left off because somebody is in a hurry.
    let settings = Settings {
        seconds: None,
        ..settings.clone()
    };
    let checks = Checks {
        subject,
        settings: &settings,
    };
    let name = NodeName::new(&node.name).unwrap_or_else(|_| subject.kubectl.clone());
    let named = || ("NAME", known(&node.name));
    let hosts = vec![named(), ("HOSTS", known(&comeback.hosts))];
    let ready = vec![
        named(),
        ("ADDRESS", known(&node.address)),
        ("API", known(&comeback.api)),
    ];
    let mut steps = if comeback.machine {
        vec![
            checks.power(node, "started", name, true, 120),
            checks.on(node, "host-names", &script::HOSTS, hosts, 60),
        ]
    } else {
        vec![checks.on(
            node,
            "kubelet-started",
            &script::VERIFY_KUBELET_STARTED,
            Vec::new(),
            30,
        )]
    };
    steps.push(checks.on(node, "rejoined", &script::VERIFY_REJOINED, ready, 180));
    chain(RESTART, steps)
}

/// Starts the node that an earlier verification stopped and was killed before it could start it again; `None` when the
/// cluster has no such node any more.
#[must_use]
pub fn recovery(subject: &Subject, node: &str) -> Option<Plan> {
    let node = subject.nodes.iter().find(|member| member.name == node)?;
    let comeback = subject.comeback.as_ref()?;
    Some(Plan {
        command: "verify",
        cluster: subject.cluster.clone(),
        exclusive: false,
        proves: true,
        at_once: None,
        lanes: vec![restart(subject, &Settings::default(), node, comeback)],
        finally: Vec::new(),
        facts: Vec::new(),
    })
}
