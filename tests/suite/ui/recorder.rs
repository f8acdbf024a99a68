//! The files of a run.

use std::path::Path;

use kprov::event::Listener as _;
use kprov::names::LaneName;
use kprov::ui::{Look, Recorder, Transcript, log_path};
use snapbox::{assert_data_eq, str};

use super::stage::{Story, one_failure, screen};

#[test]
fn a_run_leaves_its_events_and_a_log_a_lane() {
    let dir = tempfile::tempdir().unwrap();
    let (screen, ..) = screen(Look::default());
    let story = one_failure();
    let mut recorder = Recorder::create(dir.path(), &screen).unwrap();
    for (at, event) in story.events.iter().enumerate() {
        recorder.event(event);
        // What was told is in the file already, as if kprov were killed now.
        let kept = std::fs::read_to_string(dir.path().join("events.jsonl")).unwrap();
        let told = story.events[..=at]
            .iter()
            .map(|it| serde_json::to_string(it).unwrap());
        let told: Vec<String> = told.filter(|line| !line.contains("step-output")).collect();
        assert_eq!(kept.lines().collect::<Vec<_>>(), told);
    }
    let log = std::fs::read_to_string(log_path(dir.path(), &"w1-k8s".into())).unwrap();
    assert_data_eq!(
        log,
        str![[r#"
==== 0.0s  boot: Boot the machine
==== 2.0s  boot: changed, 2.0 s: running
==== 2.0s  containerd: Install containerd
---- 2.1s  waits: dpkg is locked
---- 2.6s  waits: dpkg is locked
Reading package lists...
==== 12.3s  containerd: FAILED, 10 s
✗ w1-k8s/containerd: Install containerd
  containerd could not be installed.
  host     w1-k8s
  command  containerd.sh
  status   100
  | Reading package lists...
  | E: Could not get lock
  hint: Wait until unattended-upgrades has ended and run `kprov up` again.
==== 12.3s  join: not reached: containerd failed
==== 12.3s  ready: not reached: containerd failed

"#]]
    );
    assert!(log_path(dir.path(), &"m-k8s".into()).exists());
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_them() {
    use std::os::unix::fs::PermissionsExt as _;

    let dir = tempfile::tempdir().unwrap();
    let (screen, ..) = screen(Look::default());
    one_failure().tell(Recorder::create(dir.path(), &screen).unwrap());
    let files: Vec<_> = std::fs::read_dir(dir.path())
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(files.len(), 3);
    for file in files {
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{:?}", file.path());
    }
}

#[test]
fn a_lane_cannot_write_elsewhere() {
    let dir = Path::new("run");
    let path = |lane: &str| log_path(dir, &LaneName::from(lane));
    assert_eq!(path("w1-k8s"), dir.join("w1-k8s.log"));
    assert_eq!(path("../../etc"), dir.join("%2e%2e%2f%2e%2e%2fetc.log"));
    assert_ne!(path("a/b"), path("a%2fb"));
}

#[test]
fn a_lost_log_is_told_of_once_and_stops_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (screen, _, err) = screen(Look::default());
    std::fs::create_dir(dir.path().join("w1-k8s.log")).unwrap();
    one_failure().tell(Recorder::create(dir.path(), &screen).unwrap());
    assert_eq!(err.text().matches("note: ").count(), 1, "{}", err.text());
    assert!(err.text().contains("w1-k8s.log"));
    let gone = Recorder::create(&dir.path().join("gone"), &screen);
    assert!(gone.err().unwrap().message.contains("gone"));
}

#[test]
fn a_transcript_keeps_what_a_summary_is_made_of() {
    let transcript = Transcript::default();
    let story = Story::of(&["m/a"])
        .start(0, "m/a")
        .output(1, "m/a", "line")
        .progress(1, "m/a", 1, 2)
        .changed(2, "m/a", "")
        .over(2);
    story.tell(transcript.clone());
    assert_eq!(
        transcript.events().len(),
        story.events.len() - 1,
        "all but progress"
    );
}
