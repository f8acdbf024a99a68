//! Spans, the critical path and its drawings.

use kprov::ui::Timeline;
use snapbox::{assert_data_eq, str};

use super::stage::{Story, bare, one_failure};

fn path(timeline: &Timeline) -> Vec<String> {
    timeline.critical.iter().map(ToString::to_string).collect()
}

fn gaps(timeline: &Timeline) -> Vec<(Option<String>, Option<String>, u64)> {
    let name = |step: &Option<_>| step.as_ref().map(ToString::to_string);
    let gaps = timeline.gaps.iter();
    gaps.map(|gap| (name(&gap.after), name(&gap.before), gap.ms))
        .collect()
}

/// One machine boots after the other, and the join waits for the control plane.
fn boot_queue() -> Story {
    Story::of(&[
        "m/boot=Boot the machine",
        "m/init=Make the control plane",
        "w/boot=Boot the machine",
        "w/prepare=Install <containerd> & \"runc\"",
        "w/join=Join the cluster",
    ])
    .start(100, "m/boot")
    .changed(6_000, "m/boot", "running")
    .start_after(6_050, "w/boot", Some("m/boot"))
    .start(6_000, "m/init")
    .changed(12_000, "w/boot", "running")
    .start(12_000, "w/prepare")
    .unchanged(14_000, "w/prepare", "containerd 1.6.20")
    .changed(27_000, "m/init", "it runs")
    .start_after(27_500, "w/join", Some("m/init"))
    .changed(30_000, "w/join", "<script>alert(1)</script>")
    .over(31_000)
}

#[test]
fn a_gate_that_was_waited_for_is_on_the_path() {
    let timeline = Timeline::from_events(&boot_queue().events);
    assert_eq!(path(&timeline), ["m/boot", "m/init", "w/join"]);
    assert_eq!(
        (timeline.wall_ms, timeline.critical_ms),
        (31_000, 5_900 + 21_000 + 2_500)
    );
    let (boot, init, join) = ("m/boot".to_owned(), "m/init".to_owned(), "w/join".to_owned());
    assert_eq!(
        gaps(&timeline),
        [
            (None, Some(boot), 100),
            (Some(init), Some(join.clone()), 500),
            (Some(join), None, 1_000)
        ]
    );
}

#[test]
fn a_gate_that_was_open_already_is_not() {
    let story = Story::of(&["m/init", "w/boot", "w/join"])
        .start(0, "m/init")
        .start(0, "w/boot")
        .changed(5_000, "m/init", "")
        .changed(9_000, "w/boot", "")
        .start_after(9_000, "w/join", Some("m/init"))
        .changed(10_000, "w/join", "")
        .over(10_000);
    let timeline = Timeline::from_events(&story.events);
    assert_eq!(path(&timeline), ["w/boot", "w/join"]);
    assert_eq!(timeline.critical_ms, timeline.wall_ms);
}

#[test]
fn a_queue_for_a_place_to_boot_is_a_chain() {
    let mut story = Story::of(&["a/boot", "b/boot", "c/boot", "c/go"]);
    let mut before = None;
    for (at, id) in (0..).zip(["a/boot", "b/boot", "c/boot"]) {
        story = story
            .start_after(at * 4_000, id, before)
            .changed((at + 1) * 4_000, id, "");
        before = Some(id);
    }
    let story = story
        .start(12_000, "c/go")
        .changed(13_000, "c/go", "")
        .over(13_000);
    let timeline = Timeline::from_events(&story.events);
    assert_eq!(path(&timeline), ["a/boot", "b/boot", "c/boot", "c/go"]);
    assert_eq!(gaps(&timeline), []);
}

#[test]
fn steps_that_were_not_begun_or_not_ended_have_no_span() {
    let timeline = Timeline::from_events(&one_failure().events);
    assert_eq!(timeline.spans.len(), 4);
    assert_eq!(path(&timeline), ["m-k8s/boot", "m-k8s/init"]);

    let killed = Story::of(&["m/a"]).start(10, "m/a");
    let timeline = Timeline::from_events(&killed.events);
    assert_eq!((timeline.spans.len(), timeline.critical_ms), (0, 0));
    assert!(bare(&timeline.to_text(80)).contains("No step"));
    assert!(timeline.to_html().contains("No step"));
    assert_eq!(Timeline::from_events(&[]).wall_ms, 0);
}

#[test]
fn contradicting_events_end_in_a_path() {
    let story = Story::of(&["a/x", "b/y"])
        .start_after(0, "a/x", Some("b/y"))
        .start_after(0, "b/y", Some("a/x"))
        .changed(1, "a/x", "")
        .changed(2, "b/y", "")
        .over(2);
    assert_eq!(path(&Timeline::from_events(&story.events)), ["a/x", "b/y"]);
}

#[test]
fn the_terminal_chart_marks_the_path_without_colour() {
    let timeline = Timeline::from_events(&boot_queue().events);
    assert_data_eq!(
        bare(&timeline.to_text(72)),
        str![[r#"
up k8s-lab: timeline
31 s from start to end, 1.05 times the 29 s of its critical path.
* and # mark the critical path: the run is shorter only when one of its
steps is.

  step         start     took  |0s                                31.0s|
* m/boot        0.1s     5.9s  |#######                                |
* m/init        6.0s    21.0s  |       ##########################      |
  w/boot        6.1s     6.0s  |       ========                        |
  w/prepare    12.0s     2.0s  |               ==                      |
* w/join       27.5s     2.5s  |                                  ###  |

Waiting on the critical path:
  1.0 s after w/join
  0.5 s between m/init and w/join
  0.1 s before m/boot

"#]]
    );
    let failed = bare(&Timeline::from_events(&one_failure().events).to_text(100));
    assert!(failed.contains("  \u{2717} w1-k8s/containerd  "), "{failed}");
    for columns in [0, 40, 60, 200] {
        let widest = bare(&timeline.to_text(columns))
            .lines()
            .skip(4)
            .map(str::len)
            .max();
        assert!(widest <= Some(columns.max(52)), "{columns}: {widest:?}");
    }
}

#[test]
fn the_page_stands_alone_and_names_are_text() {
    let page = Timeline::from_events(&boot_queue().events).to_html();
    for foreign in [
        "http:", "https:", "<script", "src=", "href=", "url(", "@import", "{{", "{%",
    ] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    assert!(page.contains("Install &lt;containerd&gt; &amp; &quot;runc&quot;"));
    assert!(page.contains("prefers-color-scheme: dark"));
    assert!(page.contains(r#"style="left:19.51%;width:19.19%""#), "{page}");
    assert_eq!(page.matches(r#"<tr class="step critical""#).count(), 3);
    assert_eq!(page.matches(r#"<tr class="step" title"#).count(), 2);
}
