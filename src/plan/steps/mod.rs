//! The steps of `kprov up`, one function each: which script, which variables, after what.

use std::time::Duration;

use super::script::Script;
use super::supplies::Supplies;
use super::{Action, Call, Step, Value};
use crate::spec::{Node, Provider, Spec};
use crate::t;
use crate::text;

mod add_ons;
mod artifacts;
mod docker;
mod kubeadm;
mod load_balancer;
mod machine;
mod registry;
mod system;
mod workstation;

pub(super) use kubeadm::{api, facts};
pub(super) use load_balancer::FILES as LOAD_BALANCER_FILES;
pub(super) use registry::FILE as REGISTRY_FILE;
pub use system::guest_fact;
pub(super) use system::host_lines;

/// Most checks hold as soon as `apply` is through; a service may take a moment.
const SOON: Duration = Duration::from_secs(30);
/// Packages from a slow mirror, `kubeadm` on a weak laptop: what the programs themselves give up after.
const LONG: Duration = Duration::from_secs(300);

/// What the steps are made from.
pub(super) struct Build<'a> {
    pub spec: &'a Spec,
    pub provider: Provider,
    pub supplies: &'a Supplies,
}

/// A step by a script: titles and hints come from the messages under the step's name.
pub(super) fn step(
    name: &str,
    node: &Node,
    script: &'static Script,
    variables: Vec<(&'static str, Value)>,
) -> Step {
    Step {
        name: name.into(),
        title: title(script.name, name),
        action: Action::Script(
            node.name.clone(),
            Call {
                script,
                variables,
                payload: None,
            },
        ),
        after: Vec::new(),
        once_over: Vec::new(),
        patience: SOON,
        hints: hints(script.name),
        commands: Vec::new(),
    }
}

/// A step whose script needs no variables.
pub(super) fn plain(node: &Node, script: &'static Script) -> Step {
    let mut step = step(script.name, node, script, Vec::new());
    step.patience = LONG;
    step
}

fn title(key: &str, name: &str) -> String {
    t!(&format!("plan.{key}-title"), name = name)
}

fn hints(key: &str) -> Vec<String> {
    text::optional(&format!("plan.{key}-try")).into_iter().collect()
}

/// A value that is known when the plan is made.
pub(super) fn known(text: impl Into<String>) -> Value {
    Value::Text(text.into())
}
