//! What is put into the cluster by a manifest: a pod network, `MetalLB`.

use super::{Build, LONG, known, step, title};
use crate::error::Result;
use crate::event::StepId;
use crate::plan::Step;
use crate::plan::script;
use crate::render::{self, AddOn, Manifest};
use crate::spec::Node;

impl Build<'_> {
    /// The pod network, where it is one by manifest: before any node can be Ready.
    pub(in crate::plan) fn cluster_network(&self, node: &Node) -> Result<Option<Step>> {
        Ok(render::pod_network(self.spec)?.map(|add_on| self.add_on(node, &add_on)))
    }

    /// `MetalLB`, as soon as there are nodes that it can run on.
    pub(in crate::plan) fn metallb(&self, node: &Node) -> Result<Option<Step>> {
        let others = self.spec.nodes.iter().filter(|other| other.name != node.name);
        let ready = others.map(|other| StepId {
            lane: (&other.name).into(),
            step: script::NODE_READY.name.into(),
        });
        Ok(render::metallb(self.spec)?.map(|add_on| {
            let mut step = self.add_on(node, &add_on);
            // Also when one of them is not: the others will do.
            step.once_over = ready.collect();
            step
        }))
    }

    fn add_on(&self, node: &Node, add_on: &AddOn) -> Step {
        let own = match &add_on.manifest {
            Manifest::Own(text) => text.trim_end(),
            Manifest::Released { .. } => "",
        };
        let mut step = step(
            add_on.name,
            node,
            &script::ADD_ON,
            vec![
                ("NAME", known(format!("{} {}", add_on.name, add_on.version))),
                ("WORKLOAD", known(add_on.workload)),
                ("MANIFEST", known(own)),
                ("CONTAINER", known(add_on.container)),
                ("SETTINGS", known(add_on.settings.join("\n"))),
                ("PATCHES", known(add_on.patches.join("\n"))),
                ("REGISTRY", known(add_on.registry)),
                ("VALUES", known(add_on.values.trim_end())),
                ("AFTER", known(add_on.after.trim_end())),
            ],
        );
        step.title = title(script::ADD_ON.name, add_on.name);
        step.patience = LONG;
        let mut released = self.supplies.manifests.iter();
        let supply = released.find(|supply| own.is_empty() && supply.name == add_on.name);
        self.supply(&mut step, supply);
        step
    }
}
