//! The plot of `kprov verify`: what the course teaches, done and looked at.
//!
//! A lane is a chain of checks that build on each other, or checks side by side that say what they need. Nothing
//! outside of one namespace is touched.

use super::script;
use super::{Action, Fact, Plan, Source};
use crate::error::Result;
use crate::event::StepId;
use crate::render;
use crate::spec::Spec;

mod alive;
mod checks;
mod cluster;
mod disruption;
mod labs;
mod load_balancer;
mod nodes;
mod samples;
mod select;
mod services;
mod subject;

pub use alive::alive;
use checks::{Checks, id};
pub use disruption::recovery;
pub use labs::{LABS, add_labs};
pub(crate) use select::meant;
pub use select::{Choice, knows, nothing_left, select, to_json, unknown};
pub use subject::{Comeback, Member, Subject};

const NODE_PORT: &str = "node-port";
/// For the drawing of a report: words `node/pod/address`.
const SAMPLE_POD: &str = "sample-pod";
/// Likewise.
const POD_ADDRESSES: &str = "pod-addresses";

/// How one verification is done.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Names this run: an RFC 1123 label, unlike that of any other run.
    pub run: String,
    /// Whether the samples stay for a look.
    pub keep: bool,
    /// The most seconds that a check may wait for what it looks at.
    pub seconds: Option<u64>,
    /// From where alone requests come; `None` for everywhere.
    pub from: Option<From>,
    /// Whether a node may be stopped for a while.
    pub disruptive: bool,
}

/// From where requests to the cluster come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// This computer.
    Workstation,
    /// The nodes.
    Nodes,
}

impl Settings {
    /// The namespace that everything happens in.
    #[must_use]
    pub fn namespace(&self) -> String {
        format!("kprov-verify-{}", self.run)
    }
}

/// Whether checks of this plan need a namespace of the run's own.
#[must_use]
pub fn makes_namespace(plan: &Plan) -> bool {
    let mut steps = plan.lanes.iter().flat_map(|lane| &lane.steps);
    steps.any(|step| matches!(&step.action, Action::Script(_, call) if call.script.name == script::VERIFY_NAMESPACE.name))
}

/// The sample manifests with the image filled in, by file name: what `verify` deploys and `render` writes.
///
/// # Errors
/// When a template does not fit, which is a mistake in kprov.
pub fn manifests(spec: &Spec) -> Result<Vec<(&'static str, String)>> {
    samples::manifests(&spec.verify.image)
}

/// The manifests of one image.
fn manifest(image: &str, name: &'static str, template: &'static str) -> Result<(&'static str, String)> {
    let mut context = tera::Context::new();
    context.insert("image", image);
    Ok((name, render::text(name, template, &context)?))
}

fn published(name: &str, step: StepId) -> Fact {
    Fact {
        name: name.into(),
        source: Source::Published(step),
    }
}

/// Makes the plan of `kprov verify`.
///
/// # Errors
/// When a manifest cannot be rendered.
pub fn plan(subject: &Subject, settings: &Settings) -> Result<Plan> {
    let checks = Checks { subject, settings };
    let samples = samples::manifests(&subject.image)?;
    let mut lanes = vec![checks.nodes()];
    lanes.extend(subject.control_planes().map(|node| checks.control_plane(node)));
    lanes.extend(subject.nodes.iter().map(|node| checks.node(node)));
    lanes.push(checks.pod(&samples));
    lanes.push(checks.deployment(&samples));
    lanes.extend(checks.load_balancer(&samples));
    lanes.push(checks.requests());
    lanes.extend(checks.services());
    let (stop, restart) = checks.disruption(&lanes).unzip();
    lanes.extend(stop);
    let restart: Vec<_> = restart.flatten().into_iter().collect();
    let deletion = (!settings.keep).then(|| checks.deletion(&restart));
    let mut facts = vec![
        published(NODE_PORT, id("pod", "expose")),
        published(SAMPLE_POD, id("pod", "pod")),
        published(POD_ADDRESSES, id("deployment", "spread")),
    ];
    facts.extend(checks.load_balancer_address());
    facts.extend(Checks::service_facts());
    Ok(Plan {
        command: "verify",
        cluster: subject.cluster.clone(),
        exclusive: false,
        proves: true,
        // Checks load the API server that they prove; an emulated one stumbles over so many clients.
        at_once: subject.emulated.then_some(2),
        lanes,
        finally: restart.into_iter().chain(deletion).collect(),
        facts,
    })
}
