//! The plan of `kprov resume`: as `up`, with the clock set right before anything else.
//!
//! A machine that slept, or that went back to a snapshot, believes in the time at which it stopped. Certificates,
//! leases and tokens do not.

use super::up::{self, Supplies};
use super::{Action, Plan, script, steps};
use crate::error::Result;
use crate::spec::{Node, Provider, Spec};

/// Makes the plan, for all nodes, or for one and the first control plane, without which it is no part of a cluster.
/// `provider` is the resolved one.
///
/// # Errors
/// When a kubeadm file cannot be rendered.
pub fn plan(spec: &Spec, provider: Provider, supplies: &Supplies, only: Option<&Node>) -> Result<Plan> {
    let mut plan = up::plan(spec, provider, supplies)?;
    plan.command = "resume";
    if let Some(node) = only {
        let first = spec.first_control_plane();
        let others = spec
            .nodes
            .iter()
            .filter(|other| ![&node.name, &first.name].contains(&&other.name));
        plan.leave_out(&others.map(|other| (&other.name).into()).collect::<Vec<_>>());
    }
    if !matches!(provider, Provider::Virtualbox | Provider::Libvirt) {
        // Containers have this computer's clock.
        return Ok(plan);
    }
    for lane in &mut plan.lanes {
        let connect = lane
            .steps
            .iter()
            .position(|step| matches!(step.action, Action::Connect(..)));
        let node = spec.nodes.iter().find(|node| lane.name == (&node.name).into());
        if let (Some(at), Some(node)) = (connect, node) {
            lane.steps.insert(at + 1, steps::plain(node, &script::CLOCK));
        }
    }
    Ok(plan)
}
