//! The cluster: begun, joined, Ready; and the values that nodes need of each other for it.

use super::{Build, LONG, guest_fact, known, step};
use crate::error::Result;
use crate::event::StepId;
use crate::names::StepName;
use crate::plan::script;
use crate::plan::{Call, Fact, Source, Step, Value};
use crate::render;
use crate::spec::{Node, Role, Spec};

const INIT: &str = "kubeadm-init";
const JOIN: &str = "kubeadm-join";
/// The fact that is the first control plane's admin.conf.
pub(super) const ADMIN_CONF: &str = "admin-conf";
/// The fact that is its checksum.
pub(super) const ADMIN_CONF_SUM: &str = "admin-conf-sum";
const DISCOVERY: &str = "discovery";
const PKI: &str = "pki";

/// The values that are made on the first control plane, and what each machine is.
pub(in crate::plan) fn facts(spec: &Spec) -> Vec<Fact> {
    let first = &spec.first_control_plane().name;
    let from = |script, variables| {
        Source::Script(
            first.clone(),
            Call {
                script,
                variables,
                payload: None,
            },
        )
    };
    let init = StepId {
        lane: first.into(),
        step: INIT.into(),
    };
    let guests = spec.nodes.iter().map(|node| Fact {
        name: guest_fact(&node.name),
        source: Source::Published(StepId {
            lane: (&node.name).into(),
            step: script::GUEST.name.into(),
        }),
    });
    let mut facts = vec![
        Fact {
            name: ADMIN_CONF_SUM.into(),
            source: Source::Published(init),
        },
        Fact {
            name: ADMIN_CONF.into(),
            source: from(&script::FACT_ADMIN_CONF, Vec::new()),
        },
        Fact {
            name: DISCOVERY.into(),
            source: from(&script::FACT_DISCOVERY, vec![("API", known(api(spec)))]),
        },
        Fact {
            name: PKI.into(),
            source: from(&script::FACT_PKI, Vec::new()),
        },
    ];
    facts.extend(guests);
    facts
}

/// The address of the API server as all nodes use it.
pub(in crate::plan) fn api(spec: &Spec) -> String {
    let (host, port) = spec.api_endpoint();
    format!("https://{host}:{port}")
}

impl Build<'_> {
    pub(super) fn first_init(&self) -> StepId {
        StepId {
            lane: (&self.spec.first_control_plane().name).into(),
            step: INIT.into(),
        }
    }

    pub(in crate::plan) fn init(&self, node: &Node) -> Result<Step> {
        let config = render::kubeadm(self.spec, node, self.provider)?;
        let mut step = step(
            INIT,
            node,
            &script::KUBEADM_INIT,
            vec![
                ("CONFIG", known(config)),
                ("ADDRESS", known(node.address.to_string())),
                ("SERVICES", known(self.services())),
            ],
        );
        step.patience = LONG;
        Ok(step)
    }

    /// Joins come after the cluster's beginning; control planes one after another, because each changes etcd's
    /// members.
    pub(in crate::plan) fn join(&self, node: &Node) -> Result<Step> {
        let config = render::kubeadm(self.spec, node, self.provider)?;
        let pki = match node.role {
            Role::ControlPlane => Value::Fact(PKI.into()),
            Role::Worker => known(""),
        };
        let mut step = step(
            JOIN,
            node,
            &script::KUBEADM_JOIN,
            vec![
                ("ADDRESS", known(node.address.to_string())),
                ("CONFIG", known(config)),
                ("DISCOVERY", Value::Fact(DISCOVERY.into())),
                ("PKI", pki),
                ("SERVICES", known(self.services())),
            ],
        );
        step.patience = LONG;
        step.after = vec![self.first_init()];
        if node.role == Role::ControlPlane {
            let before = self
                .spec
                .control_planes()
                .skip(1)
                .take_while(|other| other.name != node.name)
                .last();
            step.after.extend(before.map(join_of));
        }
        Ok(step)
    }

    pub(in crate::plan) fn node_ready(&self, node: &Node) -> Step {
        let mut step = step(
            script::NODE_READY.name,
            node,
            &script::NODE_READY,
            vec![
                ("NAME", known(node.name.as_str())),
                ("ADDRESS", known(node.address.to_string())),
                ("API", known(api(self.spec))),
                ("SERVICES", known(self.services())),
            ],
        );
        step.patience = LONG;
        // Of a control plane that does not come up nobody waits to hear that a node is Ready.
        step.after = vec![self.first_init()];
        step
    }

    pub(in crate::plan) fn tokens_removed(&self, node: &Node) -> Step {
        let address = ("ADDRESS", known(node.address.to_string()));
        let mut step = step(
            script::TOKENS_REMOVED.name,
            node,
            &script::TOKENS_REMOVED,
            vec![address],
        );
        // Also when a join failed: its token must not stay.
        step.once_over = self.joins_but(node);
        step
    }

    /// Workers come before control planes take no pods any more, or pods would have to wait.
    pub(in crate::plan) fn taint(&self, node: &Node) -> Step {
        let workers = self.spec.workers().next().is_some();
        let taints = taints(self.spec.kubernetes.minor).map(|name| format!("node-role.kubernetes.io/{name}"));
        let mut step = step(
            script::TAINT.name,
            node,
            &script::TAINT,
            vec![
                ("ADDRESS", known(node.address.to_string())),
                ("WORKERS", known(if workers { "yes" } else { "no" })),
                ("TAINTS", known(taints.collect::<Vec<_>>().join(" "))),
            ],
        );
        step.once_over = self.joins_but(node);
        step
    }

    fn joins_but(&self, node: &Node) -> Vec<StepId> {
        let others = self.spec.nodes.iter().filter(|other| other.name != node.name);
        others.map(join_of).collect()
    }

    /// The first of several control planes has seen etcd without a leader, while the second one joined.
    pub(in crate::plan) fn api_server_watches(&self, node: &Node) -> Option<Step> {
        let joined: Vec<StepId> = self.spec.control_planes().skip(1).map(join_of).collect();
        let mut step = step(
            script::API_SERVER_WATCHES.name,
            node,
            &script::API_SERVER_WATCHES,
            vec![("ADDRESS", known(node.address.to_string()))],
        );
        step.patience = LONG;
        step.once_over = joined;
        (!step.once_over.is_empty()).then_some(step)
    }
}

/// The last words of the taints that kubeadm gives control planes.
fn taints(minor: u32) -> impl Iterator<Item = &'static str> {
    let old = (minor <= 24).then_some("master");
    let new = (minor >= 24).then_some("control-plane");
    old.into_iter().chain(new)
}

/// The step by which a node joins.
fn join_of(node: &Node) -> StepId {
    StepId {
        lane: (&node.name).into(),
        step: StepName::from(JOIN),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_version_has_both_taints() {
        let of = |minor| taints(minor).collect::<Vec<_>>();
        assert_eq!(of(23), ["master"]);
        assert_eq!(of(24), ["master", "control-plane"]);
        assert_eq!(of(25), ["control-plane"]);
    }
}
