//! `kprov reset` on pretend hosts: all nodes at once, and one that leaves the cluster first, whatever comes of that.

use std::path::Path;

use kprov::engine::Options;
use kprov::event::Outcome;
use kprov::plan::{self, Action, Plan, Script, Value};
use kprov::spec::Provider;
use kprov::transport::Cancel;
use tempfile::tempdir;

use super::hosts::{Fleet, lines};
use super::plans::script;
use super::told::{run, run_with};
use crate::render::specs;

/// Notes in DIR/log that it was done.
const FORGET: &str = r#"
check() { [[ -e $DIR/$KPROV_NAME ]] || { echo "a cluster is here"; return 1; }; }

apply() {
  echo "forget $KPROV_NAME" >> "$DIR/log"
  touch "$DIR/$KPROV_NAME"
}
"#;
const LEAVE: &str = r#"
check() { [[ -e $DIR/left-$NODE ]] || { echo "$NODE is a node"; return 1; }; }

apply() {
  sleep 0.3
  echo "leave $NODE" >> "$DIR/log"
  touch "$DIR/left-$NODE"
}
"#;
const LEAVE_IN_VAIN: &str = r#"
check() { echo "nobody answers"; return 1; }

apply() { skip "nobody answers"; }
"#;

/// The plan with scripts that write to a folder, and nothing that locks a host: all pretend hosts are this computer.
fn harmless(only: Option<&str>, leave: &'static str, dir: &Path) -> Plan {
    let spec = specs::containers();
    let only = only.and_then(|name| spec.node(name));
    let mut plan = plan::forget::plan(&spec, Provider::Docker, only);
    assert_eq!(plan.dangling(), Vec::<String>::new());
    assert!(plan.exclusive);
    plan.exclusive = false;
    let (forget, leave): (&Script, &Script) = (script("forget", FORGET), script("leave", leave));
    for lane in &mut plan.lanes {
        for step in &mut lane.steps {
            if let Action::Script(node, call) = &mut step.action {
                call.script = match call.script.name {
                    "leave" => leave,
                    _ => forget,
                };
                let dir = dir.to_str().unwrap().to_owned();
                call.variables.push(("DIR", Value::Text(dir)));
                call.variables.push(("KPROV_NAME", Value::Text(node.to_string())));
            }
        }
    }
    plan
}

#[test]
fn all_nodes_forget_and_one_that_is_off_is_switched_on() {
    let dir = tempdir().unwrap();
    let plan = harmless(None, LEAVE, dir.path());
    let fleet = Fleet::of(&["cp1", "w1"]);
    let looked = run_with(&fleet, &plan, Options { dry_run: true }, &Cancel::default());
    assert_eq!(looked.report.summary.pending, 3, "{:?}", looked.ends());
    assert!(!dir.path().join("log").exists(), "a dry run did something");

    let told = run(&fleet, &plan);
    assert_eq!(told.report.summary.changed, 4, "{:?}", told.ends());
    assert_eq!(fleet.count("boot w2"), 1);
    let mut done = lines(&dir.path().join("log"));
    done.sort();
    assert_eq!(done, ["forget cp1", "forget w1", "forget w2"]);

    let again = run(&fleet, &plan);
    assert_eq!(again.report.summary.changed, 0, "{:?}", again.ends());
}

#[test]
fn one_node_leaves_the_cluster_before_it_forgets_it() {
    let dir = tempdir().unwrap();
    let told = run(
        &Fleet::of(&["cp1", "w1", "w2"]),
        &harmless(Some("w1"), LEAVE, dir.path()),
    );
    assert_eq!(told.report.summary.changed, 2, "{:?}", told.ends());
    assert_eq!(lines(&dir.path().join("log")), ["leave w1", "forget w1"]);
}

#[test]
fn one_node_forgets_a_cluster_that_does_not_answer() {
    let dir = tempdir().unwrap();
    let told = run(
        &Fleet::of(&["cp1", "w1", "w2"]),
        &harmless(Some("w1"), LEAVE_IN_VAIN, dir.path()),
    );
    assert!(
        matches!(told.outcome("cp1/leave"), Outcome::Skipped { reason } if reason == "nobody answers"),
        "{:?}",
        told.ends()
    );
    assert_eq!(
        told.report.summary.failed + told.report.summary.not_reached,
        0,
        "{:?}",
        told.ends()
    );
    assert_eq!(lines(&dir.path().join("log")), ["forget w1"]);
}

#[test]
fn one_node_forgets_a_cluster_whose_control_plane_does_not_start() {
    let dir = tempdir().unwrap();
    let mut fleet = Fleet::of(&["w1", "w2"]);
    fleet.unbootable.insert("cp1".to_owned(), "no disk".to_owned());
    let told = run(&fleet, &harmless(Some("w1"), LEAVE, dir.path()));
    assert_eq!(told.failure("cp1/boot").message, "no disk");
    assert_eq!(lines(&dir.path().join("log")), ["forget w1"]);
    assert!(matches!(told.outcome("w1/forget"), Outcome::Changed { .. }));
}
