//! A failure stops its lane and those that need it, says what was seen, and hides nothing else.

use std::time::Duration;

use kprov::event::Outcome;
use tempfile::tempdir;

use super::hosts::{Fleet, lines};
use super::plans::{AWAIT, after, boot, lane, plan, script, step, touch};
use super::told::run;

const BREAKS: &str = r#"
check() {
  [[ -e $DIR/never ]] || { echo "kubelet is not there"; return 1; }
}

apply() {
  echo "unpacking"
  echo "disk is full" >&2
  exit 7
}
"#;

#[test]
fn a_failure_stops_what_needs_it_and_nothing_else() {
    let dirs = [tempdir().unwrap(), tempdir().unwrap(), tempdir().unwrap()];
    let [one, two, three] = dirs.each_ref().map(tempfile::TempDir::path);
    let plan = plan(vec![
        lane(
            "cp1",
            vec![
                touch("cp1", one, "prepare"),
                step("cp1", one, "init", script("breaks", BREAKS), Vec::new()),
                touch("cp1", one, "ready"),
            ],
        ),
        lane(
            "w1",
            vec![
                touch("w1", two, "prepare"),
                after(touch("w1", two, "join"), &["cp1/init"]),
                touch("w1", two, "ready"),
            ],
        ),
        lane(
            "w2",
            vec![touch("w2", three, "prepare"), touch("w2", three, "more")],
        ),
    ]);
    let told = run(&Fleet::of(&["cp1", "w1", "w2"]), &plan);
    assert_eq!(
        told.ends(),
        [
            "cp1/prepare changed",
            "cp1/init failed",
            "cp1/ready not reached",
            "w1/prepare changed",
            "w1/join not reached",
            "w1/ready not reached",
            "w2/prepare changed",
            "w2/more changed",
        ]
    );
    let failure = told.failure("cp1/init");
    assert_eq!((failure.host.as_str(), failure.status), ("cp1", Some(7)));
    assert_eq!(failure.last_lines, ["unpacking", "disk is full"]);
    assert_eq!(failure.hints, ["try init again"]);
    assert_eq!(
        failure.message,
        "init ended with exit status 7 (kubelet is not there)"
    );
    let because = |step| match told.outcome(step) {
        Outcome::NotReached { because } => because.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(because("cp1/ready"), "needs init");
    assert_eq!(because("w1/join"), "needs cp1/init");
    assert_eq!(
        lines(&two.join("log")).last().map(String::as_str),
        Some("check join")
    );
    let summary = told.report.summary;
    assert_eq!((summary.changed, summary.failed, summary.not_reached), (4, 1, 3));
}

#[test]
fn a_check_that_stays_false_fails_after_its_patience() {
    let dir = tempdir().unwrap();
    let mut waits = step("cp1", dir.path(), "ready", &AWAIT, Vec::new());
    // The shell counts whole seconds.
    waits.patience = Duration::from_secs(2);
    let told = run(&Fleet::of(&["cp1"]), &plan(vec![lane("cp1", vec![waits])]));
    let failure = told.failure("cp1/ready");
    assert_eq!(failure.message, "ready: no ready yet (waited 2 s)");
    assert_eq!(told.waits("cp1/ready"), ["no ready yet"]);
    assert!(
        told.report.summary.took_ms >= 900,
        "it did not wait: {:?}",
        told.report.summary
    );
    assert!(
        told.report.summary.took_ms < 30_000,
        "it waited too long: {:?}",
        told.report.summary
    );
}

#[test]
fn an_apply_that_does_not_help_fails_with_what_it_said() {
    let dir = tempdir().unwrap();
    let useless = script(
        "useless",
        "check() {\n  echo \"still no route\"\n  return 1\n}\n\napply() {\n  echo \"adding a route\"\n}\n",
    );
    let mut route = step("cp1", dir.path(), "route", useless, Vec::new());
    route.patience = Duration::from_secs(1);
    let told = run(&Fleet::of(&["cp1"]), &plan(vec![lane("cp1", vec![route])]));
    let failure = told.failure("cp1/route");
    assert_eq!(failure.message, "route: still no route (waited 1 s)");
    assert_eq!(failure.last_lines, ["adding a route"]);
}

#[test]
fn patience_ends_when_the_check_holds() {
    let dir = tempdir().unwrap();
    let starts = script(
        "starts",
        r#"
check() {
  [[ -e $DIR/up ]] || { echo "starting"; return 1; }
}

apply() {
  (sleep 0.6; touch "$DIR/up") >/dev/null 2>&1 &
}
"#,
    );
    let plan = plan(vec![lane(
        "cp1",
        vec![step("cp1", dir.path(), "service", starts, Vec::new())],
    )]);
    let told = run(&Fleet::of(&["cp1"]), &plan);
    assert_eq!(told.ends(), ["cp1/service changed"]);
}

#[test]
fn a_lane_of_independent_steps_goes_on() {
    let dir = tempdir().unwrap();
    let mut checks = lane(
        "w1",
        vec![
            touch("w1", dir.path(), "kubelet"),
            step("w1", dir.path(), "runtime", script("breaks", BREAKS), Vec::new()),
            touch("w1", dir.path(), "proxy"),
        ],
    );
    checks.independent = true;
    let told = run(&Fleet::of(&["w1"]), &plan(vec![checks]));
    assert_eq!(
        told.ends(),
        ["w1/kubelet changed", "w1/runtime failed", "w1/proxy changed"]
    );
}

#[test]
fn an_independent_step_whose_gate_broke_does_not_stop_the_others() {
    let (one, two) = (tempdir().unwrap(), tempdir().unwrap());
    let mut checks = lane(
        "w1",
        vec![
            after(
                step("w1", two.path(), "node-port", &AWAIT, Vec::new()),
                &["cp1/expose"],
            ),
            touch("w1", two.path(), "proxy"),
        ],
    );
    checks.independent = true;
    let broken = step("cp1", one.path(), "expose", script("breaks", BREAKS), Vec::new());
    let told = run(
        &Fleet::of(&["cp1", "w1"]),
        &plan(vec![lane("cp1", vec![broken]), checks]),
    );
    assert_eq!(
        told.ends(),
        [
            "cp1/expose failed",
            "w1/node-port not reached",
            "w1/proxy changed"
        ]
    );
}

#[test]
fn a_machine_that_does_not_boot_fails_with_its_providers_words() {
    let dirs = [tempdir().unwrap(), tempdir().unwrap()];
    let mut fleet = Fleet::of(&[]);
    fleet.places = 2;
    fleet
        .unbootable
        .insert("w1".to_owned(), "vagrant failed".to_owned());
    let lanes = ["cp1", "w1"].iter().zip(&dirs);
    let lanes = lanes.map(|(host, dir)| lane(host, vec![boot(host), touch(host, dir.path(), "prepare")]));
    let told = run(&fleet, &plan(lanes.collect()));
    assert_eq!(
        told.ends(),
        [
            "cp1/boot changed",
            "cp1/prepare changed",
            "w1/boot failed",
            "w1/prepare not reached"
        ]
    );
    let failure = told.failure("w1/boot");
    assert_eq!(failure.message, "vagrant failed");
    assert_eq!(failure.last_lines, ["the provider's last line"]);
}
