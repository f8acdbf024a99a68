//! What the lanes of checks are built from.

use std::time::Duration;

use super::Settings;
use crate::event::StepId;
use crate::names::{LaneName, NodeName};
use crate::plan::script::Script;
use crate::plan::{Action, Call, Lane, Step, Value};
use crate::spec::Node;
use crate::t;

/// A check by the script `verify-NAME`, which becomes the step NAME.
pub(super) fn check(
    settings: &Settings,
    node: &Node,
    script: &'static Script,
    variables: Vec<(&'static str, Value)>,
    seconds: u64,
) -> Step {
    let name = script.name.trim_start_matches("verify-");
    Step {
        name: name.into(),
        title: words(name, "title", node.name.as_str(), &settings.namespace()),
        action: Action::Script(
            node_name(node),
            Call {
                script,
                variables,
                payload: None,
            },
        ),
        after: Vec::new(),
        once_over: Vec::new(),
        patience: Duration::from_secs(seconds),
        hints: vec![words(name, "try", node.name.as_str(), &settings.namespace())],
    }
}

fn node_name(node: &Node) -> NodeName {
    node.name.clone()
}

/// A message about a check; `node` is where it runs.
pub(super) fn words(name: &str, kind: &str, node: &str, namespace: &str) -> String {
    t!(
        &format!("verify.{name}-{kind}"),
        node = node,
        namespace = namespace
    )
    .trim()
    .to_owned()
}

pub(super) fn id(lane: impl Into<LaneName>, step: &str) -> StepId {
    StepId {
        lane: lane.into(),
        step: step.into(),
    }
}

/// Checks that build on each other.
pub(super) fn chain(name: &str, steps: Vec<Step>) -> Lane {
    Lane {
        name: name.into(),
        independent: false,
        steps,
    }
}

/// Checks that have nothing to do with each other.
pub(super) fn side_by_side(name: impl Into<LaneName>, steps: Vec<Step>) -> Lane {
    Lane {
        name: name.into(),
        independent: true,
        steps,
    }
}
