//! A run in a pipe, for a reader and for a program.

use kprov::ui::{Format, JsonLines, Look, Plain, listener};
use snapbox::{assert_data_eq, str};

use super::stage::{Story, one_failure, screen};

#[test]
fn a_pipe_gets_a_line_for_each_event_that_matters() {
    let (screen, out, err) = screen(Look::default());
    one_failure().tell(Plain::new(&screen));
    assert_data_eq!(
        err.text(),
        str![[r#"
up k8s-lab: 2 lanes, 6 steps
    2.0s  w1-k8s  boot: changed (running)
    2.1s  w1-k8s  containerd: waits (dpkg is locked)
   12.3s  w1-k8s  containerd: FAILED
✗ w1-k8s/containerd: Install containerd
  containerd could not be installed.
  host     w1-k8s
  command  containerd.sh
  status   100
  | Reading package lists...
  | E: Could not get lock
  hint: Wait until unattended-upgrades has ended and run `kprov up` again.
   12.3s  w1-k8s  join: not reached (containerd failed)
   21.9s  m-k8s   init: changed (etcd, API server and scheduler run)

"#]]
    );
    assert_eq!(out.text(), "");
    assert!(!err.text().contains('\x1b'));
}

#[test]
fn what_can_be_done_about_a_step_that_waits_is_said_in_a_pipe() {
    let (screen, _, err) = screen(Look::default());
    Story::of(&["w1-k8s/connect"])
        .start(0, "w1-k8s/connect")
        .wait(100, "w1-k8s/connect", "nothing listens")
        .advice(30_000, "w1-k8s/connect", "nothing listens", "start its server")
        .unchanged(31_000, "w1-k8s/connect", "answers")
        .tell(Plain::new(&screen));
    assert_data_eq!(
        err.text(),
        str![[r#"
up k8s-lab: 1 lane, 1 step
    0.1s  w1-k8s  connect: waits (nothing listens)
   30.0s  w1-k8s  connect: nothing listens
  hint: start its server

"#]]
    );
}

#[test]
fn verbose_tells_also_what_held_already() {
    let (screen, _, err) = screen(Look {
        verbose: 1,
        ..Look::default()
    });
    Story::of(&["노드/boot", "w1-k8s/boot"])
        .start(0, "노드/boot")
        .unchanged(1_500, "노드/boot", "")
        .not_reached(1_500, "w1-k8s/boot", "interrupted")
        .tell(Plain::new(&screen));
    assert_data_eq!(
        err.text(),
        str![[r#"
up k8s-lab: 2 lanes, 2 steps
    0.0s  노드    boot: begins
    1.5s  노드    boot: unchanged
    1.5s  w1-k8s  boot: not reached (interrupted)

"#]]
    );
}

#[test]
fn a_clock_that_counts_does_not_fill_a_pipe() {
    let (screen, _, err) = screen(Look::default());
    let mut story = Story::of(&["deployment/self-healing"]).start(0, "deployment/self-healing");
    for tenths in 1..=70 {
        let reason = format!("web-1 was deleted {}.{} s ago", tenths / 10, tenths % 10);
        story = story.wait(tenths * 100, "deployment/self-healing", &reason);
    }
    story
        .wait(7_100, "deployment/self-healing", "web-2 is not Ready")
        .tell(Plain::new(&screen));
    assert_data_eq!(
        err.text(),
        str![[r#"
up k8s-lab: 1 lane, 1 step
    0.1s  deployment  self-healing: waits (web-1 was deleted 0.1 s ago)
    5.1s  deployment  self-healing: waits (web-1 was deleted 5.1 s ago)
    7.1s  deployment  self-healing: waits (web-2 is not Ready)

"#]]
    );
}

#[test]
fn a_quiet_run_still_shows_failures() {
    let (screen, _, err) = screen(Look {
        quiet: true,
        ..Look::default()
    });
    one_failure().tell(Plain::new(&screen));
    assert!(
        err.text()
            .starts_with("\u{2717} w1-k8s/containerd: Install containerd\n")
    );
    assert!(!err.text().contains("changed"));
}

#[test]
fn json_is_one_line_an_event() {
    let (screen, out, err) = screen(Look::default());
    let story = one_failure();
    story.tell(JsonLines::new(&screen));
    let lines: Vec<serde_json::Value> = out
        .text()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), story.events.len());
    assert_eq!(lines[0]["event"], "run-started");
    assert_eq!(lines[0]["lanes"][1]["lane"], "w1-k8s");
    let failed = lines.iter().find(|line| line["outcome"] == "failed").unwrap();
    assert_eq!(
        (&failed["at_ms"], &failed["step"], &failed["status"]),
        (&12_340.into(), &"containerd".into(), &100.into())
    );
    assert_eq!(lines.last().unwrap()["not_reached"], 2);
    assert_eq!(err.text(), "");
}

#[test]
fn the_format_decides_who_listens() {
    for (format, on_out) in [(Format::Text, false), (Format::Json, true)] {
        let (screen, out, err) = screen(Look::default());
        let listener = listener(format, &screen, None);
        one_failure().tell(listener);
        assert_eq!((out.text().is_empty(), err.text().is_empty()), (!on_out, on_out));
    }
}
