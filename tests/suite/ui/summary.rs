//! The end of a run.

use std::path::Path;

use kprov::event::Outcome;
use kprov::ui::summary;
use snapbox::{assert_data_eq, str};

use super::stage::{Story, bare, one_failure};

#[test]
fn a_good_run_ends_with_what_to_do_next() {
    let mut story = Story::of(&["m/a", "m/b"]);
    for at in 0..12 {
        story = story.changed(at, &format!("m/{at}"), "");
    }
    for at in 12..43 {
        story = story.unchanged(at, &format!("m/{at}"), "");
    }
    let next = ["kprov verify".to_owned(), "export KUBECONFIG=config".to_owned()];
    let text = summary::text(&story.over(48_000).events, None, &next);
    assert_data_eq!(
        bare(&text),
        str![[r#"
12 changed, 31 unchanged in 48 s

Next steps:
  kprov verify
  export KUBECONFIG=config

"#]]
    );
}

#[test]
fn a_failed_run_ends_with_every_failure_and_its_log() {
    let text = summary::text(&one_failure().events, Some(Path::new("runs/1")), &[]);
    assert_data_eq!(
        bare(&text),
        str![[r#"
✗ w1-k8s/containerd: Install containerd
  containerd could not be installed.
  host     w1-k8s
  command  containerd.sh
  status   100
  log      runs/1/w1-k8s.log
  | Reading package lists...
  | E: Could not get lock
  hint: Wait until unattended-upgrades has ended and run `kprov up` again.

Not reached:
  w1-k8s  join, ready: containerd failed

2 changed, 1 unchanged, 1 failed, 2 not reached in 22 s

"#]]
    );
}

#[test]
fn the_second_run_says_that_nothing_changed() {
    let story = Story::of(&["m/a"]).unchanged(1_200, "m/a", "").over(1_200);
    assert_eq!(
        bare(&summary::text(&story.events, None, &[])),
        "0 changed, 1 unchanged in 1.2 s\n"
    );
}

#[test]
fn an_interrupted_run_and_a_dry_one_say_what_is_left() {
    let story = Story::of(&["m/a", "m/b", "m/c"])
        .unchanged(1_000, "m/a", "")
        .not_reached(1_000, "m/b", "interrupted")
        .not_reached(1_000, "m/c", "needs m/a")
        .over_with(72_000, true);
    assert_data_eq!(
        bare(&summary::text(&story.events, None, &[])),
        str![[r#"
Not reached:
  m  c: needs m/a

Interrupted after 1 min 12 s: 0 changed, 1 unchanged, 2 not reached. The same command goes on from here.

"#]]
    );

    let reason = "no containerd".into();
    let story = Story::of(&["m/a"]).end(1_000, "m/a", Outcome::Pending { reason });
    assert_eq!(
        bare(&summary::text(&story.over(1_000).events, None, &[])),
        "1 to do in 1.0 s\n"
    );
}
