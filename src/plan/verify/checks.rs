//! What the lanes of checks are built from.

use std::collections::HashMap;
use std::sync::OnceLock;
use std::time::Duration;

use super::{Member, Settings, Subject};
use crate::event::StepId;
use crate::names::{LaneName, NodeName};
use crate::plan::script::Script;
use crate::plan::{Action, Call, Lane, Step, Value, Workstation};
use crate::t;
use crate::text;

/// How many times as long a check waits for nodes whose processors are emulated. A pod needs 5 to 8 times as long there.
pub(super) const EMULATED: u64 = 8;

/// The commands that a person types for each check, whatever the language.
const COMMANDS: &str = include_str!("../../../templates/verify/commands.toml");

/// What checks are made from.
#[derive(Clone, Copy)]
pub(super) struct Checks<'a> {
    pub subject: &'a Subject,
    pub settings: &'a Settings,
}

impl Checks<'_> {
    /// The check `name` by a script that goes through kubectl, so from the first control plane, or from this computer.
    pub(super) fn cluster(
        &self,
        name: &str,
        script: &'static Script,
        variables: Vec<(&'static str, Value)>,
        seconds: u64,
    ) -> Step {
        let action = call(self.subject.kubectl.clone(), script, variables);
        self.step(name, self.subject.kubectl.as_str(), action, seconds)
    }

    /// The check `name` by a script that has to run on that node.
    pub(super) fn on(
        &self,
        node: &Member,
        name: &str,
        script: &'static Script,
        variables: Vec<(&'static str, Value)>,
        seconds: u64,
    ) -> Step {
        let action = match NodeName::new(&node.name) {
            Ok(name) if self.subject.ssh => call(name, script, variables),
            _ => Action::Skip(t!("verify.skip-ssh", node = node.name)),
        };
        self.step(name, &node.name, action, seconds)
    }

    /// The check `name` by this computer itself.
    pub(super) fn here(&self, name: &str, work: Workstation, seconds: u64) -> Step {
        self.step(name, "", Action::Workstation(work), seconds)
    }

    /// The check `name` by whatever.
    pub(super) fn with(&self, name: &str, action: Action) -> Step {
        self.step(name, "", action, 0)
    }

    /// The check `name` about a node, by whatever.
    pub(super) fn step(&self, name: &str, node: &str, action: Action, seconds: u64) -> Step {
        let namespace = self.settings.namespace();
        let words = |kind: &str| {
            let key = format!("verify.{name}-{kind}");
            t!(&key, node = node, namespace = namespace).trim().to_owned()
        };
        let seconds = seconds * if self.subject.emulated { EMULATED } else { 1 };
        let seconds = self.settings.seconds.map_or(seconds, |most| seconds.min(most));
        Step {
            name: name.into(),
            title: words("title"),
            action,
            after: Vec::new(),
            once_over: Vec::new(),
            patience: Duration::from_secs(seconds),
            hints: hints(|| words("try")),
            commands: commands(name, node, &namespace),
        }
    }
}

pub(super) fn call(node: NodeName, script: &'static Script, variables: Vec<(&'static str, Value)>) -> Action {
    Action::Script(
        node,
        Call {
            script,
            variables,
            payload: None,
        },
    )
}

/// The causes that a message names, each of them known in English too.
fn hints(words: impl Fn() -> String) -> Vec<String> {
    let own = causes(&words());
    let in_english = text::in_english(|| causes(&words()));
    for (own, english) in own.iter().zip(&in_english) {
        text::also(own, english);
    }
    own
}

/// The causes in a message that numbers them, the likeliest first.
fn causes(text: &str) -> Vec<String> {
    let mut causes: Vec<String> = Vec::new();
    for line in text.lines().map(str::trim_end) {
        let numbered = line.split_once(". ");
        let numbered = numbered.filter(|(number, _)| *number == (causes.len() + 1).to_string());
        match (numbered, causes.last_mut()) {
            (Some((_, cause)), _) => causes.push(cause.to_owned()),
            (None, Some(cause)) => {
                cause.push('\n');
                cause.push_str(line);
            }
            (None, None) => causes.push(line.to_owned()),
        }
    }
    causes
}

/// What a person types to see the same as the check `name`.
fn commands(name: &str, node: &str, namespace: &str) -> Vec<String> {
    static FILE: OnceLock<HashMap<String, String>> = OnceLock::new();
    let file = FILE.get_or_init(|| toml::from_str(COMMANDS).unwrap_or_default());
    let text = file.get(name).map_or("", String::as_str);
    let text = text.replace("{node}", node).replace("{namespace}", namespace);
    text.lines().map(str::to_owned).collect()
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

/// The same check after all of these.
pub(super) fn after(mut step: Step, gates: impl IntoIterator<Item = StepId>) -> Step {
    step.after.extend(gates);
    step
}

/// Every check of these lanes.
pub(super) fn all(lanes: &[Lane]) -> impl Iterator<Item = StepId> {
    let ids = |lane: &'_ Lane| -> Vec<StepId> { lane.steps.iter().map(|step| step.id(&lane.name)).collect() };
    lanes.iter().flat_map(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbered_causes_are_told_apart() {
        assert_eq!(
            causes("1. one\n2. two\n   more\n3. three"),
            ["one", "two\n   more", "three"]
        );
        assert_eq!(causes("only. one"), ["only. one"]);
        assert_eq!(causes("1. a\n5. b"), ["a\n5. b"]);
    }

    #[test]
    fn the_commands_are_a_table_of_texts() {
        let parsed: Result<HashMap<String, String>, _> = toml::from_str(COMMANDS);
        assert!(parsed.is_ok(), "{}", parsed.unwrap_err());
    }
}
