//! Connections that break and users who press Ctrl-C.

use std::thread;
use std::time::{Duration, Instant};

use kprov::engine::Options;
use kprov::event::{Kind, Outcome};
use kprov::names::NodeName;
use kprov::plan::{Action, Workstation};
use kprov::transport::Cancel;
use tempfile::tempdir;

use super::hosts::{Cut, Fleet, lines};
use super::plans::{AWAIT, after, boot, lane, plan, script, step, touch};
use super::told::{run, run_with};

#[test]
fn a_lost_connection_is_made_again_and_the_run_goes_on() {
    let dir = tempdir().unwrap();
    let steps = ["a", "b", "c"].map(|name| touch("cp1", dir.path(), name)).into();
    let fleet = Fleet::of(&["cp1"]);
    // The first line about the second step is the last that is not heard.
    *fleet.cut.lock().unwrap() = Some(Cut::Before("start\t1"));
    let told = run(&fleet, &plan(vec![lane("cp1", steps)]));
    assert_eq!(fleet.count("connect cp1"), 2);
    assert!(fleet.cut.lock().unwrap().is_none(), "nothing was cut");
    assert_eq!(told.report.summary.failed, 0, "{:?}", told.ends());
    assert_eq!(told.report.outcomes.len(), 3);
    assert!(told.ends()[0] == "cp1/a changed");
    let again = told
        .json()
        .contains("the connection to cp1 was lost (the cable was pulled); trying again");
    assert!(again, "{}", told.json());
    let applied = lines(&dir.path().join("log"))
        .iter()
        .filter(|line| *line == "apply a")
        .count();
    assert_eq!(applied, 1, "a step that had ended was done again");
    for name in ["a", "b", "c"] {
        assert!(dir.path().join(name).exists());
    }
}

#[test]
fn no_node_waits_for_the_connection_to_another() {
    let hosts = ["cp1", "w1", "w2"];
    let mut fleet = Fleet::of(&hosts);
    fleet.connects_together = hosts.len();
    let told = run(
        &fleet,
        &plan(hosts.map(|host| lane(host, vec![boot(host)])).into()),
    );
    assert_eq!(told.report.summary.failed, 0, "{:?}", told.ends());
    assert_eq!(fleet.most_connecting(), hosts.len());
}

#[test]
fn a_connection_that_is_lost_while_a_step_is_applied_repeats_that_step() {
    let dir = tempdir().unwrap();
    let slow = script(
        "slow-apply",
        r#"
check() {
  [[ -e $DIR/through ]]
}

apply() {
  echo try >> "$DIR/tries"
  echo working
  sleep 0.3
  touch "$DIR/through"
}
"#,
    );
    let fleet = Fleet::of(&["cp1"]);
    *fleet.cut.lock().unwrap() = Some(Cut::Before("working"));
    let plan = plan(vec![lane(
        "cp1",
        vec![step("cp1", dir.path(), "work", slow, Vec::new())],
    )]);
    let told = run(&fleet, &plan);
    assert_eq!(told.ends(), ["cp1/work changed"]);
    assert_eq!(lines(&dir.path().join("tries")).len(), 2);
}

#[test]
fn a_connection_that_is_lost_after_the_last_step_repeats_nothing() {
    let dir = tempdir().unwrap();
    let steps = ["a", "b"].map(|name| touch("cp1", dir.path(), name)).into();
    let fleet = Fleet::of(&["cp1"]);
    *fleet.cut.lock().unwrap() = Some(Cut::After("changed\t1"));
    let told = run(&fleet, &plan(vec![lane("cp1", steps)]));
    assert!(fleet.cut.lock().unwrap().is_none(), "nothing was cut");
    assert_eq!(told.ends(), ["cp1/a changed", "cp1/b changed"]);
    let ends = told
        .json()
        .lines()
        .filter(|line| line.contains("step-finished"))
        .count();
    assert_eq!(ends, 2, "{}", told.json());
}

#[test]
fn a_failure_that_was_heard_stays_one_when_the_connection_is_lost_then() {
    let dir = tempdir().unwrap();
    // The second time it would hold.
    let once = script(
        "fails-once",
        "check() {\n  [[ -e $DIR/tried ]]\n}\n\napply() {\n  touch \"$DIR/tried\"\n  exit 9\n}\n",
    );
    let fleet = Fleet::of(&["cp1"]);
    *fleet.cut.lock().unwrap() = Some(Cut::After("failed\t0"));
    let plan = plan(vec![lane(
        "cp1",
        vec![step("cp1", dir.path(), "once", once, Vec::new())],
    )]);
    let told = run(&fleet, &plan);
    assert_eq!(told.failure("cp1/once").status, Some(9));
}

/// Whatever a program writes: a step ends when it is said of it, or fails.
#[test]
fn a_line_about_a_step_that_is_none_of_the_plans_ends_nothing() {
    let dir = tempdir().unwrap();
    let odd = script(
        "odd",
        "check() {\n  printf '\\036start\\t99\\t\\n' >&4\n  kill -9 $$\n}\n",
    );
    let plan = plan(vec![lane(
        "cp1",
        vec![
            step("cp1", dir.path(), "odd", odd, Vec::new()),
            touch("cp1", dir.path(), "behind"),
        ],
    )]);
    let told = run(&Fleet::of(&["cp1"]), &plan);
    assert_eq!(told.ends(), ["cp1/odd failed", "cp1/behind not reached"]);
}

#[test]
fn cancel_ends_all_lanes_and_what_comes_in_the_end_still_runs() {
    let dirs = [tempdir().unwrap(), tempdir().unwrap(), tempdir().unwrap()];
    let [one, two, end] = dirs.each_ref().map(tempfile::TempDir::path);
    let mut forever = step("cp1", one, "forever", &AWAIT, Vec::new());
    forever.patience = Duration::from_secs(600);
    let mut plan = plan(vec![
        lane(
            "cp1",
            vec![touch("cp1", one, "before"), forever, touch("cp1", one, "behind")],
        ),
        lane("w1", vec![after(touch("w1", two, "join"), &["cp1/forever"])]),
        lane("w2", vec![boot("w2")]),
    ]);
    plan.finally = vec![lane("cleanup", vec![touch("cp1", end, "removed")])];
    let fleet = Fleet::of(&["cp1", "w1"]);
    let cancel = Cancel::default();
    let (asked, told) = thread::scope(|scope| {
        let asked = scope.spawn(|| {
            let deadline = Instant::now() + Duration::from_secs(10);
            while !one.join("before").exists() && Instant::now() < deadline {
                thread::sleep(Duration::from_millis(10));
            }
            thread::sleep(Duration::from_millis(200));
            cancel.cancel();
            Instant::now()
        });
        let told = run_with(&fleet, &plan, Options::default(), &cancel);
        (asked.join().unwrap(), told)
    });
    assert!(asked.elapsed() < Duration::from_secs(30), "{:?}", asked.elapsed());
    assert_eq!(
        told.ends(),
        [
            "cp1/before changed",
            "cp1/forever not reached",
            "cp1/behind not reached",
            "w1/join not reached",
            "w2/boot changed",
            "cleanup/removed changed",
        ]
    );
    assert!(told.report.summary.interrupted);
    assert!(
        matches!(told.outcome("cp1/behind"), Outcome::NotReached { because } if because == "interrupted")
    );
    assert!(end.join("removed").exists());
}

#[test]
fn what_comes_in_the_end_comes_after_everything_and_also_after_a_failure() {
    let (one, end) = (tempdir().unwrap(), tempdir().unwrap());
    let fails = script(
        "fails",
        "check() {\n  false\n}\n\napply() {\n  sleep 0.2\n  exit 4\n}\n",
    );
    let mut plan = plan(vec![lane(
        "cp1",
        vec![step("cp1", one.path(), "broken", fails, Vec::new())],
    )]);
    plan.finally = vec![lane("cleanup", vec![touch("cp1", end.path(), "removed")])];
    let told = run(&Fleet::of(&["cp1"]), &plan);
    assert_eq!(told.ends(), ["cp1/broken failed", "cleanup/removed changed"]);
    let begun = told
        .json()
        .lines()
        .position(|line| line.contains("step-started") && line.contains("\"cleanup\""));
    assert!(begun.unwrap() > told.end_of("cp1/broken"));
}

#[test]
fn a_node_without_an_ssh_server_is_advised_on_once_and_fails_before_its_patience_ends() {
    let node = |name: &str| NodeName::new(name).unwrap();
    let mut connect = boot("w1");
    connect.name = "connect".into();
    connect.patience = Duration::from_secs(600);
    connect.action = Action::Connect(node("w1"), Duration::from_secs(2));
    connect.hints = vec!["look at its console".to_owned()];
    let lane = lane("w1", vec![connect]);
    let mut fleet = Fleet::of(&[]);
    fleet.without_server.insert("w1".to_owned());
    let told = run(&fleet, &plan(vec![lane]));
    let seen = "nothing listens on port 22 of w1";
    assert_eq!(told.waits("w1/connect"), [seen]);
    let advice = told.events.iter().filter_map(|event| match &event.kind {
        Kind::StepAdvice { advice, hints, .. } => Some((event.at_ms, advice, hints)),
        _ => None,
    });
    let advice: Vec<_> = advice.collect();
    let [(at_ms, advice, hints)] = advice[..] else {
        panic!("{}", told.json());
    };
    assert!(at_ms >= 1000, "{at_ms}");
    assert!(
        advice.starts_with(seen) && advice.contains("its SSH server does not run"),
        "{advice}"
    );
    assert_eq!(hints, &["start the server of w1"]);
    let failure = told.failure("w1/connect");
    assert_eq!(failure.message, format!("connect: {seen} (waited 2 s)"));
    assert_eq!(failure.problem.as_deref(), Some("KP-SSH-101"));
    assert_eq!(failure.hints, ["start the server of w1", "look at its console"]);
}

#[test]
fn checks_wait_for_a_silent_node_once() {
    let dir = tempdir().unwrap();
    let mut checks = Vec::from(["a", "b", "c", "d"].map(|name| touch("w1", dir.path(), name)));
    let mut on = boot("w1");
    on.name = "on".into();
    let node = NodeName::new("w1").unwrap();
    on.action = Action::Workstation(Workstation::Power { node, on: true });
    checks.extend([on, touch("w1", dir.path(), "e")]);
    let mut plan = plan(vec![lane("w1", checks)]);
    plan.proves = true;
    plan.lanes[0].independent = true;
    let mut fleet = Fleet::of(&["cp1"]);
    fleet.dial_time = Duration::from_secs(3);
    let began = Instant::now();
    let told = run(&fleet, &plan);
    let ends = ["w1/a failed", "w1/b failed", "w1/c failed", "w1/d failed"];
    assert_eq!(told.ends()[..4], ends);
    // What takes so long is said, and it is the first that took it.
    let took = |at: usize| told.report.outcomes[at].2;
    assert!(took(0) > Duration::from_secs(5) && took(1) < Duration::from_secs(5));
    assert!(
        told.json().contains("\"reason\":\"w1 is silent\""),
        "{}",
        told.json()
    );
    // Once it is on, it is asked again.
    assert_eq!(told.ends()[4..], ["w1/on unchanged", "w1/e changed"]);
    // With a dial for each that comes after the first it would be 22, with two 31.
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    // What to do is said once, and the checks' own causes are of no use.
    let hints = ["w1/a", "w1/b", "w1/d"].map(|id| told.failure(id).hints.len());
    assert_eq!(hints, [1, 0, 0], "{:?}", told.failure("w1/d"));
    let first = &told.failure("w1/a").hints[0];
    assert!(first.contains("kprov status"), "{first}");
}

#[test]
fn a_silent_node_is_the_cause_of_what_fails_elsewhere_in_a_proof() {
    let dir = tempdir().unwrap();
    let mut clocks = boot("cp1");
    clocks.name = "clocks".into();
    clocks.action = Action::Workstation(Workstation::Clocks {
        nodes: ["cp1", "w1"].map(|name| NodeName::new(name).unwrap()).into(),
    });
    clocks.hints = vec!["set the clock".to_owned()];
    clocks.patience = Duration::ZERO;
    let checks = [
        clocks,
        // What they say names what they wait for, such as "no w1 yet".
        step("cp1", dir.path(), "w1", &AWAIT, Vec::new()),
        step("cp1", dir.path(), "w10", &AWAIT, Vec::new()),
    ];
    let checks = checks.map(|mut step| {
        step.patience = step.patience.min(Duration::from_secs(1));
        step
    });
    let mut plan = plan(vec![lane("all", checks.into())]);
    plan.lanes[0].independent = true;
    plan.proves = true;
    let told = run(&Fleet::of(&["cp1"]), &plan);
    let hints = |id: &str| told.failure(id).hints.clone();
    for named in ["all/clocks", "all/w1"] {
        let [only] = &hints(named)[..] else {
            panic!("{named}: {:?}", hints(named));
        };
        assert!(only.contains("w1 did not answer"), "{only}");
    }
    let other = hints("all/w10");
    assert!(other[0].contains("w1 did not answer"), "{other:?}");
    assert_eq!(other[1], "try w10 again");

    // Where all answer, and in what is no proof, each has its own causes.
    let told = run(&Fleet::of(&["cp1", "w1"]), &plan);
    assert_eq!(told.failure("all/w1").hints, ["try w1 again"]);
    plan.proves = false;
    let told = run(&Fleet::of(&["cp1"]), &plan);
    assert_eq!(told.failure("all/clocks").hints, ["set the clock"]);
}
