//! What a node gets from this computer: containerd, programs and images.

use super::workstation::downloaded;
use super::{Build, LONG, known, step, title};
use crate::plan::script;
use crate::plan::supplies::Supply;
use crate::plan::{Action, Step};
use crate::spec::{Node, Role, Runtime};
use crate::versions;

impl Build<'_> {
    pub(in crate::plan) fn containerd(&self, node: &Node) -> Step {
        let mut step = step(script::CONTAINERD.name, node, &script::CONTAINERD, Vec::new());
        self.supply(&mut step, self.supplies.containerd.as_ref());
        let (from, below) = self.supplies.containerd_range.clone().unwrap_or_default();
        let (oldest, too_new) = &versions::row(self.spec.kubernetes.minor).containerd_range;
        if let Action::Script(_, call) = &mut step.action {
            call.variables.extend([
                ("FROM", known(from)),
                ("BELOW", known(below)),
                ("OLDEST", known(oldest)),
                ("TOO_NEW", known(too_new)),
            ]);
        }
        step.patience = LONG;
        step
    }

    pub(in crate::plan) fn cni_plugins(&self, node: &Node) -> Step {
        let mut step = step(script::CNI_PLUGINS.name, node, &script::CNI_PLUGINS, Vec::new());
        self.supply(&mut step, self.supplies.cni_plugins.as_ref());
        step
    }

    /// The programs whose names are wanted.
    pub(in crate::plan) fn programs(&self, node: &Node, wanted: impl Fn(&str) -> bool) -> Vec<Step> {
        let program = |supply: &Supply| {
            let name = format!("program-{}", supply.name);
            let mut step = step(&name, node, &script::PROGRAM, vec![("NAME", known(&supply.name))]);
            step.title = title(script::PROGRAM.name, &supply.name);
            self.supply(&mut step, Some(supply));
            step
        };
        let programs = self.supplies.programs.iter();
        programs
            .filter(|supply| wanted(&supply.name))
            .map(program)
            .collect()
    }

    /// Whether a node runs what workers do; with none in the cluster the control planes run everybody's pods.
    pub(super) fn works(&self, node: &Node) -> bool {
        node.role == Role::Worker || self.spec.workers().next().is_none()
    }

    /// The images that this node needs.
    pub(in crate::plan) fn images(&self, node: &Node) -> Vec<Step> {
        let needed = |supply: &&Supply| {
            (node.role == Role::ControlPlane && supply.control_planes) || (self.works(node) && supply.workers)
        };
        let script = match self.spec.runtime {
            Runtime::Containerd => &script::IMAGE,
            Runtime::Docker => &script::DOCKER_IMAGE,
        };
        let image = |supply: &Supply| {
            let name = format!("image-{}", supply.name);
            let mut step = step(
                &name,
                node,
                script,
                vec![("IMAGES", known(supply.images.join("\n")))],
            );
            step.title = title(script.name, &supply.name);
            self.supply(&mut step, Some(supply));
            step
        };
        let mut steps: Vec<Step> = self.supplies.images.iter().filter(needed).map(image).collect();
        // Everybody waits for the first control plane, so its images go ahead of all others.
        let first = self.spec.first_control_plane();
        if let (Some(step), false) = (steps.first_mut(), node.name == first.name) {
            let last = self.images(first).pop();
            step.after.extend(last.map(|last| last.id(&(&first.name).into())));
        }
        steps
    }

    /// Gives a step its artifact; a step without one uses what the node or its distribution has.
    pub(super) fn supply(&self, step: &mut Step, supply: Option<&Supply>) {
        let Action::Script(_, call) = &mut step.action else {
            return;
        };
        let (sum, encoding) = supply.map_or(("", ""), |supply| (supply.sha256.as_str(), supply.encoding));
        call.variables
            .extend([("SHA256", known(sum)), ("ENCODING", known(encoding))]);
        call.payload = supply.map(|supply| supply.path.clone());
        if call.payload.is_some() && self.supplies.downloads {
            step.after.push(downloaded());
        }
    }
}
