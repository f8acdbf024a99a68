//! Addresses for Services of type `LoadBalancer`: given on the first control plane, answered by every node.

use super::kubeadm::api;
use super::{Build, LONG, known, step};
use crate::plan::script;
use crate::plan::{Step, Value};
use crate::spec::{Implementation, LoadBalancer, Node};

/// What runs on the first control plane.
const GIVE: &str = include_str!("../../../templates/load-balancer/give-addresses.sh");
/// What runs on every node.
const HOLD: &str = include_str!("../../../templates/load-balancer/hold-addresses.sh");
/// What the first may do in the cluster.
const RIGHTS: &str = include_str!("../../../templates/load-balancer/rights.yaml");

/// The files of kprov's own load balancer, by name, for a look at them.
pub(in crate::plan) const FILES: &[(&str, &str)] = &[
    ("load-balancer/give-addresses.sh", GIVE),
    ("load-balancer/hold-addresses.sh", HOLD),
    ("load-balancer/rights.yaml", RIGHTS),
];

impl Build<'_> {
    /// The steps of a node, where the Spec wants kprov's own load balancer.
    pub(in crate::plan) fn load_balancer(&self, node: &Node) -> Vec<Step> {
        let wanted = |pool: &LoadBalancer| pool.implementation == Implementation::Kprov;
        let Some(pool) = self.spec.network.load_balancer.filter(wanted) else {
            return Vec::new();
        };
        let mut steps = Vec::new();
        if node.name == self.spec.first_control_plane().name {
            steps.push(give(node, pool));
        }
        steps.push(self.hold(node, pool));
        steps
    }

    fn hold(&self, node: &Node, pool: LoadBalancer) -> Step {
        // The computer or the gateway, if it is not this node itself.
        let neighbour = self.spec.network.nodes.hosts().find(|host| *host != node.address);
        let mut variables = vec![
            ("NAME", known(node.name.as_str())),
            ("ADDRESS", known(node.address.to_string())),
            ("NEIGHBOUR", known(neighbour.unwrap_or(node.address).to_string())),
            ("API", known(api(self.spec))),
            ("PROGRAM", known(HOLD.trim_end())),
        ];
        variables.extend(ends(pool));
        step(
            script::HOLD_ADDRESSES.name,
            node,
            &script::HOLD_ADDRESSES,
            variables,
        )
    }
}

fn give(node: &Node, pool: LoadBalancer) -> Step {
    let mut variables = vec![
        ("ADDRESS", known(node.address.to_string())),
        ("PROGRAM", known(GIVE.trim_end())),
        ("RIGHTS", known(RIGHTS.trim_end())),
    ];
    variables.extend(ends(pool));
    let mut step = step(
        script::GIVE_ADDRESSES.name,
        node,
        &script::GIVE_ADDRESSES,
        variables,
    );
    step.patience = LONG;
    step
}

fn ends(pool: LoadBalancer) -> [(&'static str, Value); 2] {
    [
        ("FIRST", known(pool.first.to_string())),
        ("LAST", known(pool.last.to_string())),
    ]
}
