//! The samples that are deployed into the namespace of one verification, and what is looked at there.

use std::time::Duration;

use super::checks::{chain, check, id, words};
use super::{NODE_PORT, Settings};
use crate::names::LaneName;
use crate::plan::script::{self, Script};
use crate::plan::steps::known;
use crate::plan::{Action, Lane, Step, Value, Workstation};
use crate::spec::Spec;

/// What the pods of the sample Deployment are scaled to.
const REPLICAS: usize = 3;
/// Words of nginx's welcome page.
pub(super) const WELCOME: &str = "Welcome to";

/// What these lanes are made from.
pub(super) struct Samples<'a> {
    pub spec: &'a Spec,
    pub settings: &'a Settings,
    /// The sample manifests, by file name.
    pub manifests: Vec<(&'static str, String)>,
}

impl Samples<'_> {
    /// A pod, and a Service that everybody outside of the cluster reaches it by.
    pub(super) fn pod(&self) -> Lane {
        chain(
            "pod",
            vec![
                self.on_first(
                    &script::VERIFY_NAMESPACE,
                    vec![self.namespace(), ("RUN", known(&self.settings.run))],
                    30,
                ),
                self.on_first(
                    &script::VERIFY_POD,
                    vec![self.namespace(), ("MANIFEST", known(self.manifest("pod.yaml")))],
                    120,
                ),
                self.on_first(
                    &script::VERIFY_EXPOSE,
                    vec![
                        self.namespace(),
                        ("MANIFEST", known(self.manifest("service-nodeport.yaml"))),
                    ],
                    30,
                ),
                self.workstation(),
            ],
        )
    }

    /// A Deployment: spread over the nodes, scaled, balanced and healed.
    pub(super) fn deployment(&self) -> Lane {
        let mut deployment = self.on_first(
            &script::VERIFY_DEPLOYMENT,
            vec![
                self.namespace(),
                ("MANIFEST", known(self.manifest("deployment.yaml"))),
            ],
            120,
        );
        deployment.after = vec![id("pod", "namespace")];
        let replicas = ("REPLICAS", known(REPLICAS.to_string()));
        let mut self_healing = self.on_first(&script::VERIFY_SELF_HEALING, vec![self.namespace()], 60);
        // It changes which pods there are, so whoever still looks at them comes first.
        self_healing.once_over = self
            .spec
            .nodes
            .iter()
            .map(|node| id(LaneName::from(&node.name), "cross-node"))
            .collect();
        chain(
            "deployment",
            vec![
                deployment,
                self.on_first(&script::VERIFY_SCALE, vec![self.namespace(), replicas], 60),
                self.on_first(
                    &script::VERIFY_SPREAD,
                    vec![self.namespace(), ("WORKERS", known(takers(self.spec)))],
                    10,
                ),
                self.on_first(
                    &script::VERIFY_BALANCE,
                    vec![
                        self.namespace(),
                        ("MANIFEST", known(self.manifest("service.yaml"))),
                    ],
                    30,
                ),
                self_healing,
            ],
        )
    }

    /// Takes everything away again.
    pub(super) fn deletion(&self) -> Lane {
        let mut deleted = self.on_first(&script::VERIFY_DELETED, vec![self.namespace()], 60);
        // Without a namespace there is nothing to delete. One that was made and not seen is found by the next run.
        deleted.after = vec![id("pod", "namespace")];
        chain("deletion", vec![deleted])
    }

    fn workstation(&self) -> Step {
        let name = "workstation";
        let hosts = self
            .spec
            .nodes
            .iter()
            .map(|node| node.address.to_string())
            .collect();
        Step {
            name: name.into(),
            title: words(name, "title", "", &self.settings.namespace()),
            action: Action::Workstation(Workstation::HttpGet {
                hosts,
                port: NODE_PORT.into(),
                expect: WELCOME.to_owned(),
            }),
            after: Vec::new(),
            once_over: Vec::new(),
            patience: Duration::from_secs(30),
            hints: vec![words(name, "try", "", &self.settings.namespace())],
        }
    }

    fn on_first(&self, script: &'static Script, variables: Vec<(&'static str, Value)>, seconds: u64) -> Step {
        check(
            self.settings,
            self.spec.first_control_plane(),
            script,
            variables,
            seconds,
        )
    }

    fn namespace(&self) -> (&'static str, Value) {
        ("NAMESPACE", known(self.settings.namespace()))
    }

    pub(super) fn manifest(&self, name: &str) -> &str {
        self.manifests
            .iter()
            .find(|(n, _)| *n == name)
            .map_or("", |(_, text)| text.as_str())
    }
}

/// The nodes that take pods: workers, or everybody where there is no worker.
fn takers(spec: &Spec) -> String {
    let workers: Vec<&str> = spec.workers().map(|node| node.name.as_str()).collect();
    let all = || {
        spec.nodes
            .iter()
            .map(|node| node.name.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    };
    if workers.is_empty() {
        all()
    } else {
        workers.join(" ")
    }
}
