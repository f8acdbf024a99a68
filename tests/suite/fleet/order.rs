//! Steps of a lane go in order, lanes wait for the gates that they name, and for nothing else.

use tempfile::tempdir;

use super::hosts::{Fleet, lines};
use super::plans::{TOUCH, after, lane, plan, script, step, touch};
use super::told::run;

#[test]
fn the_steps_of_a_lane_go_in_order() {
    let dir = tempdir().unwrap();
    let names = ["c", "a", "b"];
    let steps = names.map(|name| touch("cp1", dir.path(), name)).into();
    let told = run(&Fleet::of(&["cp1"]), &plan(vec![lane("cp1", steps)]));
    let log = lines(&dir.path().join("log"));
    let wanted: Vec<String> = names
        .iter()
        .flat_map(|name| ["check", "apply", "check"].map(|what| format!("{what} {name}")))
        .collect();
    assert_eq!(log, wanted);
    assert_eq!(told.ends(), ["cp1/c changed", "cp1/a changed", "cp1/b changed"]);
}

#[test]
fn consecutive_steps_travel_together() {
    let dir = tempdir().unwrap();
    let steps = ["a", "b", "c", "d"]
        .map(|name| touch("cp1", dir.path(), name))
        .into();
    let fleet = Fleet::of(&["cp1"]);
    let same = script("pid", "check() {\n  echo $$ >> \"$DIR/pids\"\n}\n");
    let mut steps: Vec<_> = steps;
    steps.insert(0, step("cp1", dir.path(), "first", same, Vec::new()));
    steps.push(step("cp1", dir.path(), "last", same, Vec::new()));
    run(&fleet, &plan(vec![lane("cp1", steps)]));
    let pids = lines(&dir.path().join("pids"));
    assert_eq!(pids.len(), 2);
    assert_eq!(pids[0], pids[1], "the steps ran in more than one exec");
    assert_eq!(fleet.count("connect cp1"), 1);
}

/// Slow, so that whoever does not wait is seen not to.
const SLOW: &str = r#"
check() {
  [[ -e $DIR/slow ]]
}

apply() {
  sleep 0.5
  touch "$DIR/slow"
}
"#;

#[test]
fn a_gate_holds_back_the_apply_and_not_the_steps_before_it() {
    let (one, two) = (tempdir().unwrap(), tempdir().unwrap());
    let needs = script(
        "needs-slow",
        r#"
check() {
  [[ -e $DIR/joined ]] || { echo "not joined"; return 1; }
}

apply() {
  [[ -e $OTHER/slow ]]
  touch "$DIR/joined"
}
"#,
    );
    let other = || {
        (
            "OTHER",
            kprov::plan::Value::Text(one.path().to_str().unwrap().to_owned()),
        )
    };
    // It is through only after the other lane's first step.
    let init = script(
        "init-after-prepare",
        r#"
check() {
  [[ -e $DIR/slow ]]
}

apply() {
  for ((i = 0; i < 100; i++)); do
    if [[ -e $OTHER/prepare ]]; then break; fi
    sleep 0.1
  done
  [[ -e $OTHER/prepare ]]
  sleep 0.5
  touch "$DIR/slow"
}
"#,
    );
    let worker = (
        "OTHER",
        kprov::plan::Value::Text(two.path().to_str().unwrap().to_owned()),
    );
    let plan = plan(vec![
        lane("cp1", vec![step("cp1", one.path(), "init", init, vec![worker])]),
        lane(
            "w1",
            vec![
                touch("w1", two.path(), "prepare"),
                after(
                    step("w1", two.path(), "join", needs, vec![other()]),
                    &["cp1/init"],
                ),
                touch("w1", two.path(), "label"),
            ],
        ),
    ]);
    let told = run(&Fleet::of(&["cp1", "w1"]), &plan);
    assert_eq!(
        told.ends(),
        [
            "cp1/init changed",
            "w1/prepare changed",
            "w1/join changed",
            "w1/label changed"
        ]
    );
    assert!(
        told.end_of("cp1/init") < told.end_of("w1/join"),
        "join did not wait for init"
    );
    assert_eq!(told.waits("w1/join"), ["waits for cp1/init"]);
}

#[test]
fn a_check_that_only_waits_begins_after_its_gate() {
    let (one, two) = (tempdir().unwrap(), tempdir().unwrap());
    let look = script(
        "look-once",
        "check() {\n  [[ -e $OTHER/slow ]] && echo \"seen at once\"\n}\n",
    );
    let other = (
        "OTHER",
        kprov::plan::Value::Text(one.path().to_str().unwrap().to_owned()),
    );
    let mut ready = after(step("w1", two.path(), "ready", look, vec![other]), &["cp1/init"]);
    ready.patience = std::time::Duration::ZERO;
    let plan = plan(vec![
        lane(
            "cp1",
            vec![step("cp1", one.path(), "init", script("slow", SLOW), Vec::new())],
        ),
        lane("w1", vec![ready]),
    ]);
    let told = run(&Fleet::of(&["cp1", "w1"]), &plan);
    assert_eq!(told.ends(), ["cp1/init changed", "w1/ready unchanged"]);
}

#[test]
fn nobody_waits_for_a_lane_that_it_does_not_name() {
    let (one, two) = (tempdir().unwrap(), tempdir().unwrap());
    // The first lane ends only when the second has: a barrier between them would let it fail.
    let waits = script(
        "waits-for-other",
        r#"
check() {
  [[ -e $OTHER/b ]] || { echo "the other lane is not through"; return 1; }
}
"#,
    );
    let other = (
        "OTHER",
        kprov::plan::Value::Text(two.path().to_str().unwrap().to_owned()),
    );
    let plan = plan(vec![
        lane(
            "cp1",
            vec![
                touch("cp1", one.path(), "a"),
                step("cp1", one.path(), "until", waits, vec![other]),
                touch("cp1", one.path(), "z"),
            ],
        ),
        lane(
            "w1",
            vec![
                step("w1", two.path(), "a", &TOUCH, Vec::new()),
                touch("w1", two.path(), "b"),
            ],
        ),
    ]);
    let told = run(&Fleet::of(&["cp1", "w1"]), &plan);
    assert!(
        told.ends().iter().all(|end| !end.ends_with("failed")),
        "{:?}",
        told.ends()
    );
}

#[test]
fn what_is_over_lets_go_also_when_it_failed() {
    let (one, two) = (tempdir().unwrap(), tempdir().unwrap());
    let fails = script(
        "fails",
        "check() {\n  false\n}\n\napply() {\n  sleep 0.3\n  exit 4\n}\n",
    );
    let mut last = touch("w1", two.path(), "last");
    last.once_over = vec![super::plans::id("cp1/broken")];
    let plan = plan(vec![
        lane("cp1", vec![step("cp1", one.path(), "broken", fails, Vec::new())]),
        lane("w1", vec![last]),
    ]);
    let told = run(&Fleet::of(&["cp1", "w1"]), &plan);
    assert_eq!(told.ends(), ["cp1/broken failed", "w1/last changed"]);
    assert!(told.end_of("cp1/broken") < told.end_of("w1/last"));
}

#[test]
fn no_more_scripts_run_at_a_time_than_the_plan_allows() {
    let dir = tempdir().unwrap();
    let busy = script(
        "busy",
        r#"
check() {
  echo + >> "$DIR/log"
  # However slow the other is to come.
  for ((i = 0; i < 200; i++)); do
    if (($(grep -c + "$DIR/log") >= 2)); then break; fi
    sleep 0.1
  done
  sleep 0.1
  echo - >> "$DIR/log"
}
"#,
    );
    let names = ["a", "b", "c", "d", "e"];
    let lanes = names.map(|name| lane(name, vec![step(name, dir.path(), "busy", busy, Vec::new())]));
    let mut plan = plan(lanes.into());
    plan.at_once = Some(2);
    let told = run(&Fleet::of(&names), &plan);
    assert_eq!(told.ends().len(), names.len());
    let (mut now, mut most) = (0, 0);
    for line in lines(&dir.path().join("log")) {
        now += if line == "+" { 1 } else { -1 };
        most = most.max(now);
    }
    assert_eq!((now, most), (0, 2));
}
