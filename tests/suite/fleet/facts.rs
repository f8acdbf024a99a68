//! Values that are made on one host and used on others: once a run, only when needed, and in no event.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use kprov::plan::{Action, Lane, Plan, Source, Value, Workstation};
use kprov::plan::{Fact, Step};
use tempfile::{TempDir, tempdir};

use super::hosts::{Cut, Fleet, lines};
use super::plans::{fact, id, lane, plan, script, step, touch};
use super::told::run;

const SECRET: &str = "abcdef.0123456789abcdef";

const JOIN: &str = r#"
check() {
  [[ -e $DIR/joined ]] || { echo "not joined"; return 1; }
}

apply() {
  echo "joining"
  printf %s "$TOKEN" > "$DIR/joined"
}
"#;

fn join(host: &str, dir: &TempDir) -> Step {
    let token = vec![("TOKEN", Value::Fact("token".into()))];
    step(host, dir.path(), "join", script("join", JOIN), token)
}

/// Workers that all need the token that a script on the first host makes.
fn cluster(dirs: &[TempDir; 4], makes: &'static str) -> Plan {
    let workers = ["w1", "w2", "w3"].iter().zip(&dirs[1..]);
    let lanes: Vec<Lane> = workers
        .map(|(host, dir)| lane(host, vec![join(host, dir)]))
        .collect();
    let mut plan = plan(Vec::new());
    plan.lanes = lanes;
    plan.facts = vec![fact("token", "cp1", dirs[0].path(), script("token", makes))];
    plan
}

fn four() -> [TempDir; 4] {
    std::array::from_fn(|_| tempdir().unwrap())
}

#[test]
fn a_fact_is_made_once_for_all_and_is_in_no_event() {
    let dirs = four();
    // The last newline belongs to the value.
    let makes = "fact() {\n  echo made >> \"$DIR/made\"\n  sleep 0.3\n  echo abcdef.0123456789abcdef\n}\n";
    let told = run(&Fleet::of(&["cp1", "w1", "w2", "w3"]), &cluster(&dirs, makes));
    assert_eq!(
        told.ends(),
        ["w1/join changed", "w2/join changed", "w3/join changed"]
    );
    assert_eq!(lines(&dirs[0].path().join("made")).len(), 1);
    for dir in &dirs[1..] {
        let joined = std::fs::read_to_string(dir.path().join("joined")).unwrap();
        assert_eq!(joined, format!("{SECRET}\n"));
    }
    let json = told.json();
    assert!(
        json.contains("joining"),
        "the output of the steps is not in the events"
    );
    let encoded = "YWJjZGVmLjAxMjM0NTY3ODlhYmNkZWY";
    assert!(
        !json.contains("0123456789abcdef") && !json.contains(encoded),
        "{json}"
    );
}

#[test]
fn a_fact_that_nobody_needs_is_not_made() {
    let dirs = four();
    for dir in &dirs[1..] {
        std::fs::write(dir.path().join("joined"), "").unwrap();
    }
    let makes = "fact() {\n  echo made >> \"$DIR/made\"\n  echo x\n}\n";
    let fleet = Fleet::of(&["cp1", "w1", "w2", "w3"]);
    let told = run(&fleet, &cluster(&dirs, makes));
    assert_eq!(told.report.summary.unchanged, 3);
    assert!(!dirs[0].path().join("made").exists());
    assert_eq!(fleet.count("connect cp1"), 0);
}

#[test]
fn a_fact_that_fails_fails_all_who_need_it_with_its_reason() {
    let dirs = four();
    let makes = "fact() {\n  echo made >> \"$DIR/made\"\n  echo \"etcd does not answer\" >&2\n  false\n  echo never\n}\n";
    let told = run(&Fleet::of(&["cp1", "w1", "w2", "w3"]), &cluster(&dirs, makes));
    assert_eq!(
        told.ends(),
        ["w1/join failed", "w2/join failed", "w3/join failed"]
    );
    for worker in ["w1", "w2", "w3"] {
        let failure = told.failure(&format!("{worker}/join"));
        assert!(
            failure.message.contains("token") && failure.message.contains("etcd does not answer"),
            "{}",
            failure.message
        );
        assert_eq!(failure.host, worker);
    }
    assert_eq!(lines(&dirs[0].path().join("made")).len(), 1, "it was tried again");
}

/// As of a server that closed the session in which nothing had happened for minutes.
#[test]
fn a_fact_is_asked_for_again_when_the_session_turns_out_to_be_gone() {
    let dirs = four();
    let fleet = Fleet::of(&["cp1", "w1", "w2", "w3"]);
    *fleet.cut.lock().unwrap() = Some(Cut::Before("fact\ttoken"));
    let told = run(&fleet, &cluster(&dirs, "fact() {\n  echo x\n}\n"));
    assert!(fleet.cut.lock().unwrap().is_none(), "nothing was cut");
    assert_eq!(
        told.ends(),
        ["w1/join changed", "w2/join changed", "w3/join changed"]
    );
    assert_eq!(fleet.count("connect cp1"), 2);
}

#[test]
fn a_fact_from_a_host_that_is_gone_says_so() {
    let dirs = four();
    let told = run(
        &Fleet::of(&["w1", "w2", "w3"]),
        &cluster(&dirs, "fact() {\n  echo x\n}\n"),
    );
    let message = &told.failure("w1/join").message;
    assert_eq!(message, "the value token cannot be had from cp1: cp1 is silent");
}

/// What is worth knowing of a machine comes with the first step, in the one exec that all the others are in as well.
#[test]
fn one_round_trip_brings_all_facts_of_a_machine() {
    let dir = tempdir().unwrap();
    let fleet = Fleet::of(&["cp1"]);
    let guest = |kernel: &str, arch: &str| {
        let script = kprov::plan::SCRIPTS.iter().find(|script| script.name == "guest");
        let text = |value: &str| Value::Text(value.to_owned());
        let variables = vec![
            ("CGROUPS", text("")),
            ("KERNEL", text(kernel)),
            ("ARCH", text(arch)),
            ("CPUS", text("1")),
            ("MEMORY", text("128")),
        ];
        let mut step = step("cp1", dir.path(), "guest", script.unwrap(), variables);
        step.patience = Duration::ZERO;
        let others = ["a", "b"].map(|name| touch("cp1", dir.path(), name));
        let steps = std::iter::once(step).chain(others).collect();
        let mut plan = plan(vec![lane("cp1", steps)]);
        plan.facts = vec![Fact {
            name: "guest-guest".into(),
            source: Source::Published(id("cp1/guest")),
        }];
        plan
    };
    let here = kprov::platform::arch();
    let told = run(&fleet, &guest("3.10", here));
    assert_eq!(
        told.ends(),
        ["cp1/guest unchanged", "cp1/a changed", "cp1/b changed"]
    );
    assert_eq!((fleet.count("connect cp1"), fleet.count("exec cp1")), (1, 1));
    let [(_, facts)] = &told.report.published[..] else {
        panic!("{:?}", told.report.published)
    };
    let keys: Vec<&str> = facts
        .lines()
        .filter_map(|line| Some(line.split_once('=')?.0))
        .collect();
    assert_eq!(
        keys,
        [
            "system",
            "release",
            "name",
            "kernel",
            "arch",
            "cgroups",
            "cpus",
            "memory",
            "container",
            "addresses",
            "state"
        ]
    );
    let value = |key: &str| {
        let line = facts
            .lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
        line.unwrap().to_owned()
    };
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
    assert_eq!(value("kernel"), kernel.trim());
    assert_eq!(value("arch"), here);
    assert!(value("cpus").parse::<u32>().unwrap() >= 1 && value("memory").parse::<u32>().unwrap() >= 128);

    // What Kubernetes does not start on is refused before anything is changed, and not waited for.
    for (kernel, arch, reason) in [
        ("999.0", here, "this Kubernetes needs 999.0 or newer"),
        ("3.10", "sparc", "are made for sparc"),
    ] {
        let before = fleet.count("exec cp1");
        std::fs::remove_file(dir.path().join("log")).unwrap();
        let told = run(&fleet, &guest(kernel, arch));
        assert_eq!(told.ends()[0], "cp1/guest failed");
        let message = &told.failure("cp1/guest").message;
        assert!(message.contains(reason), "{message}");
        assert!(lines(&dir.path().join("log")).is_empty());
        assert_eq!(fleet.count("exec cp1"), before + 1);
        std::fs::write(dir.path().join("log"), "").unwrap();
    }
}

const PUBLISHES: &str = r#"
check() {
  [[ -e $DIR/init ]] || { echo "no control plane"; return 1; }
  publish sum 0123456789abcdef
  publish content "$(cat "$DIR/init")"
}

apply() {
  sleep 0.2
  echo "certificate-of-admin" > "$DIR/init"
}
"#;

#[test]
fn what_a_step_publishes_reaches_this_computer() {
    let dir = tempdir().unwrap();
    let fleet = Fleet::of(&["cp1"]);
    let plan = published(&dir, PUBLISHES);
    let told = run(&fleet, &plan);
    assert_eq!(
        told.ends(),
        ["workstation/kubeconfig changed", "cp1/init changed"]
    );
    let again = run(&fleet, &plan);
    assert_eq!(
        again.ends(),
        ["workstation/kubeconfig unchanged", "cp1/init unchanged"]
    );
    for told in [told, again] {
        let json = told.json();
        for secret in ["certificate-of-admin", "0123456789abcdef"] {
            let encoded = BASE64_STANDARD.encode(secret);
            let encoded = encoded.trim_end_matches('=');
            assert!(!json.contains(secret) && !json.contains(encoded), "{json}");
        }
    }
}

#[test]
fn a_value_that_its_step_did_not_publish_is_missing() {
    let dir = tempdir().unwrap();
    let told = run(&Fleet::of(&["cp1"]), &published(&dir, "check() {\n  true\n}\n"));
    assert_eq!(
        told.ends(),
        ["workstation/kubeconfig failed", "cp1/init unchanged"]
    );
}

fn published(dir: &TempDir, source: &'static str) -> Plan {
    let kubeconfig = Step {
        name: "kubeconfig".into(),
        title: "kubeconfig".to_owned(),
        action: Action::Workstation(Workstation::Kubeconfig {
            sum: "sum".into(),
            content: "content".into(),
        }),
        after: Vec::new(),
        once_over: Vec::new(),
        patience: Duration::from_secs(1),
        hints: Vec::new(),
        commands: Vec::new(),
    };
    let init = step("cp1", dir.path(), "init", script("publishes", source), Vec::new());
    let mut plan = plan(Vec::new());
    plan.lanes = vec![lane("workstation", vec![kubeconfig]), lane("cp1", vec![init])];
    plan.facts = ["sum", "content"]
        .map(|name| Fact {
            name: name.into(),
            source: Source::Published(id("cp1/init")),
        })
        .into();
    assert_eq!(plan.dangling(), Vec::<String>::new());
    plan
}

#[test]
fn a_step_that_was_told_of_once_is_told_again_of_nothing() {
    let dir = tempdir().unwrap();
    let told = run(
        &Fleet::of(&["cp1"]),
        &plan(vec![lane("cp1", vec![touch("cp1", dir.path(), "a")])]),
    );
    let ends = told
        .json()
        .lines()
        .filter(|line| line.contains("step-finished"))
        .count();
    assert_eq!(ends, 1);
    let first = told.json().lines().next().unwrap_or_default().to_owned();
    assert!(
        first.contains("run-started") && first.contains("title of a"),
        "{first}"
    );
    assert!(
        told.json()
            .lines()
            .last()
            .unwrap_or_default()
            .contains("run-finished")
    );
}
