//! A plan as text, for `kprov plan`.

use std::fmt::Write as _;

use super::{Action, Plan, Step, Value};
use crate::t;

/// The lanes with their steps in order, and after each step what it waits for.
#[must_use]
pub fn to_text(plan: &Plan) -> String {
    let mut text = String::new();
    for (lane, last) in plan
        .lanes
        .iter()
        .map(|lane| (lane, false))
        .chain(plan.finally.iter().map(|l| (l, true)))
    {
        let _ = writeln!(
            text,
            "{}{}",
            lane.name,
            if last {
                t!("plan.in-the-end")
            } else {
                String::new()
            }
        );
        for step in &lane.steps {
            let _ = writeln!(text, "  {:<26} {}{}", step.name, step.title, needs(step));
        }
    }
    text
}

fn needs(step: &Step) -> String {
    let mut needs: Vec<String> = step.after.iter().map(ToString::to_string).collect();
    if let Action::Script(_, call) = &step.action {
        needs.extend(call.payload.clone());
        needs.extend(call.variables.iter().filter_map(|(_, value)| match value {
            Value::Fact(fact) => Some(t!("plan.fact", fact = fact)),
            Value::Text(_) => None,
        }));
    }
    if needs.is_empty() {
        String::new()
    } else {
        t!("plan.after", needs = needs.join(", "))
    }
}
