//! The course's flow: a pod, a service, a Deployment, and the end of them.

use super::checks::{Checks, after, all, chain, id, side_by_side};
use super::{From, NODE_PORT, manifest, script};
use crate::error::Result;
use crate::plan::script::Script;
use crate::plan::steps::known;
use crate::plan::{Lane, Step, Value, Workstation};
use crate::t;

/// What the pods of the sample Deployment are scaled to.
const REPLICAS: usize = 3;
/// Words of nginx's welcome page.
pub(super) const WELCOME: &str = "Welcome to";

/// The sample manifests, by file name.
pub(super) type Manifests = [(&'static str, String)];

/// The sample manifests with this image.
pub(super) fn manifests(image: &str) -> Result<Vec<(&'static str, String)>> {
    [
        ("pod.yaml", include_str!("../../../templates/manifests/pod.yaml")),
        (
            "service-nodeport.yaml",
            include_str!("../../../templates/manifests/service-nodeport.yaml"),
        ),
        (
            "service-load-balancer.yaml",
            include_str!("../../../templates/manifests/service-load-balancer.yaml"),
        ),
        (
            "deployment.yaml",
            include_str!("../../../templates/manifests/deployment.yaml"),
        ),
        (
            "service.yaml",
            include_str!("../../../templates/manifests/service.yaml"),
        ),
    ]
    .into_iter()
    .map(|(name, template)| manifest(image, name, template))
    .collect()
}

impl Checks<'_> {
    /// A pod, and a Service that everybody outside of the cluster reaches it by.
    pub(super) fn pod(&self, manifests: &Manifests) -> Lane {
        let run = ("RUN", known(&self.settings.run));
        let kept = ("KEPT", known(if self.settings.keep { "yes" } else { "no" }));
        let namespace = self.cluster(
            "namespace",
            &script::VERIFY_NAMESPACE,
            vec![self.namespace(), run, kept],
            30,
        );
        let pod = self.sample(
            "pod",
            &script::VERIFY_POD,
            ("MANIFEST", file(manifests, "pod.yaml")),
            90,
        );
        let manifest = ("MANIFEST", file(manifests, "service-nodeport.yaml"));
        let expose = self.sample("expose", &script::VERIFY_EXPOSE, manifest, 20);
        let pod_address = self.on_first(
            "pod-address",
            &script::VERIFY_POD_ADDRESS,
            vec![self.namespace()],
            10,
        );
        side_by_side(
            "pod",
            vec![
                self.after_control_plane(namespace),
                after(self.after_control_plane(pod), [id("pod", "namespace")]),
                after(pod_address, self.traffic().into_iter().chain([id("pod", "pod")])),
                after(expose, [id("pod", "pod")]),
                after(
                    self.workstation(),
                    self.traffic().into_iter().chain([id("pod", "expose")]),
                ),
            ],
        )
    }

    /// A Deployment: spread over the nodes, scaled, balanced, healed, renewed and taken back.
    pub(super) fn deployment(&self, manifests: &Manifests) -> Lane {
        let step = |name| id("deployment", name);
        let deployment = ("MANIFEST", file(manifests, "deployment.yaml"));
        let deployment = self.sample("deployment", &script::VERIFY_DEPLOYMENT, deployment, 60);
        let replicas = ("REPLICAS", known(REPLICAS.to_string()));
        let takers = ("WORKERS", known(self.subject.takers().join(" ")));
        let service = ("MANIFEST", file(manifests, "service.yaml"));
        let balance = vec![self.namespace(), service];
        let balance = self.on_first("balance", &script::VERIFY_BALANCE, balance, 60);
        let spread = self.sample("spread", &script::VERIFY_SPREAD, takers, 10);
        let healing = self.cluster(
            "self-healing",
            &script::VERIFY_SELF_HEALING,
            vec![self.namespace()],
            60,
        );
        let image = || ("IMAGE", known(&self.subject.image));
        let rollout = self.sample("rollout", &script::VERIFY_ROLLOUT, image(), 60);
        let rollback = self.sample("rollback", &script::VERIFY_ROLLBACK, image(), 60);
        side_by_side(
            "deployment",
            vec![
                after(deployment, [id("pod", "pod")]),
                after(
                    self.sample("scale", &script::VERIFY_SCALE, replicas, 60),
                    [step("deployment")],
                ),
                after(spread, [step("scale"), id("nodes", "schedulable")]),
                after(balance, self.traffic().into_iter().chain([step("scale")])),
                after(healing, [step("scale")]),
                after(rollout, [step("scale")]),
                after(rollback, [step("rollout")]),
            ],
        )
    }

    /// Takes everything away again, once the lanes `before` are over.
    pub(super) fn deletion(&self, before: &[Lane]) -> Lane {
        let variables = vec![self.namespace(), self.silence()];
        // Without a namespace there is nothing to delete. One that was made and not seen is found by the next run.
        let mut deleted = self.cluster("deleted", &script::VERIFY_DELETED, variables, 60);
        deleted.once_over.extend(all(before));
        chain("deletion", vec![after(deleted, [id("pod", "namespace")])])
    }

    fn workstation(&self) -> Step {
        if self.settings.from == Some(From::Nodes) {
            return self.not_here("workstation", t!("verify.skip-from-nodes"));
        }
        let hosts = self
            .subject
            .nodes
            .iter()
            .map(|node| node.address.clone())
            .collect();
        let get = Workstation::HttpGet {
            hosts,
            port: NODE_PORT.into(),
            expect: WELCOME.to_owned(),
        };
        self.here("workstation", get, 15)
    }

    /// A check by a script that needs the namespace and one thing more.
    pub(super) fn sample(
        &self,
        name: &str,
        script: &'static Script,
        variable: (&'static str, Value),
        seconds: u64,
    ) -> Step {
        self.cluster(name, script, vec![self.namespace(), variable], seconds)
    }

    /// A check by a script that has to run on a node, whichever.
    pub(super) fn on_first(
        &self,
        name: &str,
        script: &'static Script,
        variables: Vec<(&'static str, Value)>,
        seconds: u64,
    ) -> Step {
        match self.subject.nodes.first() {
            Some(node) => self.on(node, name, script, variables, seconds),
            None => self.not_here(name, t!("verify.skip-no-node")),
        }
    }

    pub(super) fn namespace(&self) -> (&'static str, Value) {
        ("NAMESPACE", known(self.settings.namespace()))
    }
}

pub(super) fn file(manifests: &Manifests, name: &str) -> Value {
    let text = manifests.iter().find(|(n, _)| *n == name);
    known(text.map_or("", |(_, text)| text.as_str()))
}
