//! The table of a verification.

use kprov::ui::report::{Mark, Report};
use snapbox::{assert_data_eq, str};

use super::stage::{Story, bare, one_failure};

fn korean() -> Report {
    let story = Story::of(&[
        "nodes/ready=모든 노드가 Ready 상태",
        "dns/pod=DNS answers in a pod",
        "web/port=NodePort",
    ])
    .start(0, "nodes/ready")
    .start(0, "dns/pod")
    .unchanged(400, "nodes/ready", "m-k8s, w1-k8s")
    .unchanged(
        12_300,
        "dns/pod",
        "kubernetes.default is 10.96.0.1, asked at 10.96.0.10 from a pod on w1-k8s",
    )
    .not_reached(12_300, "web/port", "dns failed")
    .over(12_500);
    Report::from_events(&story.events)
}

#[test]
fn columns_hold_also_for_wide_characters() {
    assert_data_eq!(
        bare(&korean().to_text(72)),
        str![[r#"
✓ ok    모든 노드가 Ready 상태   0.4s  m-k8s, w1-k8s
✓ ok    DNS answers in a pod    12.3s  kubernetes.default is 10.96.0.1,
                                       asked at 10.96.0.10 from a pod on
                                       w1-k8s
- skip  NodePort                       dns failed

2 passed, 1 skipped in 13 s

"#]]
    );
}

#[test]
fn a_failure_shows_its_evidence_below_the_row() {
    let report = Report::from_events(&one_failure().events);
    assert_data_eq!(
        bare(&report.to_text(80)),
        str![[r#"
✓ ok    Boot the machine         0.9s  running
✓ ok    Make the control plane  21.0s  etcd, API server and scheduler run
✓ ok    Boot the machine         2.0s  running
✗ FAIL  Install containerd      10.3s  containerd could not be installed.
      | w1-k8s: containerd.sh (status 100)
      | Reading package lists...
      | E: Could not get lock
      hint: Wait until unattended-upgrades has ended and run `kprov up` again.
- skip  Join the cluster               containerd failed
- skip  Wait until it is Ready         containerd failed

3 passed, 1 failed, 2 skipped in 22 s

"#]]
    );
    assert!(!report.holds());
}

#[test]
fn colour_is_never_the_only_sign() {
    let text = korean().to_text(100);
    assert!(text.contains('\x1b'));
    let plain = bare(&text);
    assert_eq!(plain.matches("\u{2713} ok").count(), 2);
    assert_eq!(plain.matches("- skip").count(), 1);
}

#[test]
fn a_narrow_terminal_wraps_between_words() {
    let text = bare(&korean().to_text(50));
    assert!(text.lines().all(|line| console_width(line) <= 50), "{text}");
}

/// After Ctrl-C nobody wants to read a page of checks that were not made.
#[test]
fn what_was_made_until_then_is_left_of_an_interrupted_one() {
    let made = korean().made();
    assert_eq!((made.passed, made.skipped, made.rows.len()), (2, 0, 2));
    assert!(!bare(&made.to_text(100)).contains("skip"));
}

#[test]
fn a_word_that_is_longer_than_its_column_stays_in_it() {
    let mut report = korean();
    report.rows[1].seen = format!("https://{}:6443/readyz", "m-k8s.lab.example.".repeat(4));
    let text = bare(&report.to_text(80));
    assert!(text.lines().all(|line| console_width(line) <= 80), "{text}");
    let joined: String = text.lines().map(str::trim).collect();
    assert!(joined.contains(&report.rows[1].seen), "{text}");
}

fn console_width(line: &str) -> usize {
    line.chars()
        .map(|c| if ('가'..='힣').contains(&c) { 2 } else { 1 })
        .sum()
}

#[test]
fn json_says_the_same() {
    let report = Report::from_events(&one_failure().events);
    let json: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
    assert_eq!(
        (&json["passed"], &json["failed"], &json["skipped"]),
        (&3.into(), &1.into(), &2.into())
    );
    let row = json["rows"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["mark"] == "fail")
        .unwrap();
    assert_eq!(
        (&row["lane"], &row["step"], &row["took_ms"]),
        (&"w1-k8s".into(), &"containerd".into(), &10_340.into())
    );
    assert_eq!(row["evidence"][0], "w1-k8s: containerd.sh (status 100)");
    assert_eq!(report.rows.iter().filter(|row| row.mark == Mark::Skip).count(), 2);
}
