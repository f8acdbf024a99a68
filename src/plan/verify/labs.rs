//! An instructor's checks as steps.

use std::time::Duration;

use super::Subject;
use super::checks::{all, call, side_by_side};
use super::disruption::DISRUPTIVE;
use crate::plan::script;
use crate::plan::steps::known;
use crate::plan::{Action, Plan, Step, Workstation};
use crate::spec::{LabCheck, Labs, Task};

/// The lane of an instructor's checks, in plans and in reports.
pub const LABS: &str = "labs";

/// Adds an instructor's own checks. Those that are kprov's are in the plan already.
pub fn add_labs(plan: &mut Plan, labs: &Labs, subject: &Subject) {
    let steps: Vec<Step> = labs
        .checks
        .iter()
        .filter_map(|check| step(check, subject))
        .collect();
    if steps.is_empty() {
        return;
    }
    let labs = side_by_side(LABS, steps);
    // A node is stopped only when nobody looks at the cluster any more.
    let disruption = plan
        .lanes
        .iter_mut()
        .find(|lane| lane.name.as_str() == DISRUPTIVE);
    if let Some(first) = disruption.and_then(|lane| lane.steps.first_mut()) {
        first.once_over.extend(all(std::slice::from_ref(&labs)));
    }
    plan.lanes.push(labs);
}

fn step(check: &LabCheck, subject: &Subject) -> Option<Step> {
    let on_first = |script, variables| call(subject.kubectl.clone(), script, variables);
    let (action, command) = match &check.task {
        Task::Verify(_) => return None,
        Task::Command { command, expect } => {
            let expect = expect.clone().unwrap_or_default();
            let variables = vec![("COMMAND", known(command)), ("EXPECT", known(expect))];
            (on_first(&script::VERIFY_LAB_COMMAND, variables), command.clone())
        }
        Task::Field {
            object,
            namespace,
            field,
            expect,
        } => {
            let variables = vec![
                ("OBJECT", known(object)),
                ("OBJECT_NAMESPACE", known(namespace)),
                ("FIELD", known(field)),
                ("EXPECT", known(expect)),
            ];
            let command = format!("kubectl -n {namespace} get {object} -o jsonpath='{field}'");
            (on_first(&script::VERIFY_LAB_FIELD, variables), command)
        }
        Task::Request { url, status, expect } => (
            Action::Workstation(Workstation::Request {
                url: url.clone(),
                status: *status,
                expect: expect.clone(),
            }),
            format!("curl {url}"),
        ),
    };
    Some(Step {
        name: check.name.as_str().into(),
        title: check.title.clone(),
        action,
        after: Vec::new(),
        once_over: Vec::new(),
        patience: Duration::from_secs(check.seconds),
        hints: check.hint.iter().cloned().collect(),
        commands: command.lines().map(str::to_owned).collect(),
    })
}
