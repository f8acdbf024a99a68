//! Which checks are made.

use super::Plan;
use super::disruption::{DISRUPTIVE, RESTART};
use super::labs::LABS;
use crate::event::StepId;
use crate::plan::{Action, Lane};
use crate::spec::nearest;
use crate::{t, text};

/// What `up` ends with: each component, and the course's flow.
const CORE: &[&str] = &[
    "nodes/ready",
    "nodes/addresses",
    "etcd",
    "api-server",
    "scheduler",
    "controller-manager",
    "kubelet",
    "runtime",
    "kube-proxy",
    "pod-network",
    "node-port",
    "pod",
    "deployment/deployment",
    "scale",
    "spread",
    "balance",
    "self-healing",
    "load-balancer",
    "dns/dns",
];

/// Which checks somebody wants. A word is a lane, a step of any lane, or LANE/STEP.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// Only these, and what they need; all when there is none.
    pub only: Vec<String>,
    /// Not these.
    pub skip: Vec<String>,
}

impl Choice {
    /// What `up` ends with.
    #[must_use]
    pub fn core() -> Self {
        Self {
            only: CORE.iter().map(ToString::to_string).collect(),
            skip: Vec::new(),
        }
    }
}

fn fits(word: &str, id: &StepId) -> bool {
    let (lane, step) = (id.lane.as_str(), id.step.as_str());
    match word.split_once('/') {
        Some(both) => both == (lane, step),
        None => word == lane || word == step,
    }
}

/// The first of these words that is no check of the plan.
#[must_use]
pub fn unknown<'a>(plan: &Plan, choice: &'a Choice) -> Option<&'a str> {
    let all = ids(plan);
    let words = choice.only.iter().chain(&choice.skip);
    words
        .map(String::as_str)
        .find(|word| !all.iter().any(|id| fits(word, id)))
}

/// What a word that is no check of the plan was most likely meant to be.
pub(crate) fn meant(plan: &Plan, word: &str) -> Option<String> {
    let all = ids(plan);
    let names = all.iter().flat_map(|id| [id.lane.as_str(), id.step.as_str()]);
    nearest(word, names).map(str::to_owned)
}

/// Whether a word is a check of the plan.
#[must_use]
pub fn knows(plan: &Plan, word: &str) -> bool {
    ids(plan).iter().any(|id| fits(word, id))
}

/// Leaves in the plan what is wanted. What is only skipped says so, and what builds on it is skipped too.
pub fn select(plan: &mut Plan, choice: &Choice) {
    let named = |words: &[String], id: &StepId| words.iter().any(|word| fits(word, id));
    if !choice.only.is_empty() {
        let wanted = ids(plan).into_iter().filter(|id| named(&choice.only, id));
        let wanted = with_needs(plan, wanted.collect());
        // Whoever makes the namespace deletes it, and whoever stops a node starts it again.
        let namespace = wanted.iter().any(|id| id.step.as_str() == "namespace");
        let stops = wanted.iter().any(|id| id.lane.as_str() == DISRUPTIVE);
        let follows = |id: &StepId| {
            if id.lane.as_str() == RESTART {
                stops
            } else {
                namespace
            }
        };
        keep(&mut plan.lanes, |id| wanted.contains(id));
        keep(&mut plan.finally, |id| follows(id) || wanted.contains(id));
        let left = ids(plan);
        for step in plan
            .lanes
            .iter_mut()
            .chain(&mut plan.finally)
            .flat_map(|lane| &mut lane.steps)
        {
            step.once_over.retain(|id| left.contains(id));
        }
        plan.facts.retain(|fact| match &fact.source {
            super::Source::Published(step) => wanted.contains(step),
            super::Source::Script(..) => true,
        });
    }
    for lane in &mut plan.lanes {
        for step in &mut lane.steps {
            if named(&choice.skip, &step.id(&lane.name)) {
                step.action = Action::Skip(t!("verify.skip-asked"));
            }
        }
    }
}

/// Whether a choice leaves out every check that it wants, be it only that what the check builds on is left out. An
/// instructor's checks are wanted always.
#[must_use]
pub fn nothing_left(plan: &Plan, choice: &Choice) -> bool {
    let named = |words: &[String], id: &StepId| words.iter().any(|word| fits(word, id));
    let is_wanted =
        |id: &StepId| choice.only.is_empty() || id.lane.as_str() == LABS || named(&choice.only, id);
    let mut wanted = ids_of(&plan.lanes).filter(is_wanted).peekable();
    wanted.peek().is_some()
        && wanted.all(|id| {
            with_needs(plan, vec![id])
                .iter()
                .any(|id| named(&choice.skip, id))
        })
}

fn keep(lanes: &mut Vec<Lane>, wanted: impl Fn(&StepId) -> bool) {
    for lane in &mut *lanes {
        let name = lane.name.clone();
        lane.steps.retain(|step| wanted(&step.id(&name)));
    }
    lanes.retain(|lane| !lane.steps.is_empty());
}

/// These checks and all that they build on.
fn with_needs(plan: &Plan, mut checks: Vec<StepId>) -> Vec<StepId> {
    let mut at = 0;
    while let Some(id) = checks.get(at).cloned() {
        for need in needs(plan, &id) {
            if !checks.contains(&need) {
                checks.push(need);
            }
        }
        at += 1;
    }
    checks
}

/// What a check builds on.
fn needs(plan: &Plan, id: &StepId) -> Vec<StepId> {
    let Some(lane) = plan
        .lanes
        .iter()
        .chain(&plan.finally)
        .find(|lane| lane.name == id.lane)
    else {
        return Vec::new();
    };
    let mut needs = Vec::new();
    for step in &lane.steps {
        if step.name == id.step {
            needs.extend(step.after.clone());
            break;
        }
        if !lane.independent {
            needs.push(step.id(&lane.name));
        }
    }
    needs
}

fn ids(plan: &Plan) -> Vec<StepId> {
    ids_of(plan.lanes.iter().chain(&plan.finally)).collect()
}

fn ids_of<'a>(lanes: impl IntoIterator<Item = &'a Lane>) -> impl Iterator<Item = StepId> {
    lanes
        .into_iter()
        .flat_map(|lane| lane.steps.iter().map(|step| step.id(&lane.name)))
}

/// The checks for programs: id, title, what each needs and the commands that a person types.
#[must_use]
pub fn to_json(plan: &Plan) -> Vec<serde_json::Value> {
    let mut checks = Vec::new();
    for lane in plan.lanes.iter().chain(&plan.finally) {
        for step in &lane.steps {
            let id = step.id(&lane.name);
            let needs: Vec<String> = needs(plan, &id).iter().map(ToString::to_string).collect();
            checks.push(serde_json::json!({
                "check": id.to_string(), "title": text::english(&step.title), "needs": needs, "commands": step.commands,
            }));
        }
    }
    checks
}
