//! Tiny plans: steps that make files in the folder of their host.

use std::path::Path;
use std::time::Duration;

use kprov::event::StepId;
use kprov::names::{ClusterName, LaneName, NodeName};
use kprov::plan::{Action, Call, Fact, Lane, Plan, Script, Source, Step, Value};

/// Makes the file NAME in DIR, and notes in DIR/log what it is asked for.
pub static TOUCH: Script = Script {
    name: "touch",
    source: r#"
check() {
  echo "check $NAME" >> "$DIR/log"
  [[ -e $DIR/$NAME ]] || { echo "no $NAME"; return 1; }
  echo "$NAME is there"
}

apply() {
  echo "apply $NAME" >> "$DIR/log"
  touch "$DIR/$NAME"
}
"#,
};

/// Waits for the file NAME in DIR.
pub static AWAIT: Script = Script {
    name: "await",
    source: r#"
check() {
  echo "first line of $NAME"
  [[ -e $DIR/$NAME ]] || { echo "no $NAME yet"; return 1; }
  echo "$NAME is there"
}
"#,
};

/// A script of one test's own.
pub fn script(name: &'static str, source: &'static str) -> &'static Script {
    Box::leak(Box::new(Script { name, source }))
}

/// A step that runs a script on a host, with NAME and DIR, and the values that are given.
pub fn step(
    host: &str,
    dir: &Path,
    name: &str,
    script: &'static Script,
    more: Vec<(&'static str, Value)>,
) -> Step {
    let mut variables = vec![
        ("NAME", Value::Text(name.to_owned())),
        ("DIR", Value::Text(dir.to_str().unwrap().to_owned())),
    ];
    variables.extend(more);
    Step {
        name: name.into(),
        title: format!("title of {name}"),
        action: Action::Script(
            NodeName::new(host).unwrap(),
            Call {
                script,
                variables,
                payload: None,
            },
        ),
        after: Vec::new(),
        once_over: Vec::new(),
        patience: Duration::from_secs(10),
        hints: vec![format!("try {name} again")],
        commands: Vec::new(),
    }
}

/// A step that makes the file of its name.
pub fn touch(host: &str, dir: &Path, name: &str) -> Step {
    step(host, dir, name, &TOUCH, Vec::new())
}

/// The step that boots a host.
pub fn boot(host: &str) -> Step {
    let name = NodeName::new(host).unwrap();
    Step {
        name: "boot".into(),
        title: "boot".to_owned(),
        action: Action::Boot(name),
        after: Vec::new(),
        once_over: Vec::new(),
        patience: Duration::from_secs(10),
        hints: Vec::new(),
        commands: Vec::new(),
    }
}

/// The same step with gates, as `lane/step`.
pub fn after(mut step: Step, gates: &[&str]) -> Step {
    step.after = gates.iter().map(|gate| id(gate)).collect();
    step
}

/// The same step with the artifact of that path.
pub fn with_payload(mut step: Step, path: &str) -> Step {
    if let Action::Script(_, call) = &mut step.action {
        call.payload = Some(path.to_owned());
    }
    step
}

/// A step by its name as it is shown: `lane/step`.
pub fn id(text: &str) -> StepId {
    let (lane, step) = text.split_once('/').unwrap();
    StepId {
        lane: lane.into(),
        step: step.into(),
    }
}

pub fn lane(name: &str, steps: Vec<Step>) -> Lane {
    Lane {
        name: LaneName::from(name),
        independent: false,
        steps,
    }
}

/// A plan that does not lock the host: all pretend hosts are this computer.
pub fn plan(lanes: Vec<Lane>) -> Plan {
    let plan = Plan {
        command: "test",
        cluster: ClusterName::new("fleet").unwrap(),
        exclusive: false,
        proves: false,
        at_once: None,
        lanes,
        finally: Vec::new(),
        facts: Vec::new(),
    };
    assert_eq!(plan.dangling(), Vec::<String>::new());
    plan
}

/// A fact that a script on a host prints.
pub fn fact(name: &str, host: &str, dir: &Path, script: &'static Script) -> Fact {
    let Action::Script(node, call) = step(host, dir, name, script, Vec::new()).action else {
        unreachable!("a script step");
    };
    Fact {
        name: name.into(),
        source: Source::Script(node, call),
    }
}
