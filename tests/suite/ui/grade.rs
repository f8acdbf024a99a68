//! Points.

use std::path::Path;

use kprov::spec::parse_labs;
use kprov::ui::report::{Mark, Report};

use super::stage::{Story, bare};

const LABS: &str = r#"
[[check]]
name = "cluster"
title = "All nodes are Ready"
verify = "nodes"
points = 20

[[check]]
name = "page"
title = "The page answers"
request = "http://192.168.1.11/"
points = 30
hint = "expose it"

[[check]]
name = "network"
verify = "w1-k8s/pod-network"
points = 5

[[check]]
name = "team"
command = "true"
points = 10
"#;

fn graded() -> Report {
    let story = Story::of(&[
        "nodes/ready",
        "nodes/versions",
        "w1-k8s/pod-network",
        "labs/page=The page answers",
        "labs/team",
    ])
    .start(0, "nodes/ready")
    .unchanged(100, "nodes/ready", "3 nodes")
    .start(0, "nodes/versions")
    .unchanged(200, "nodes/versions", "1.20.2")
    .start(0, "w1-k8s/pod-network")
    .failed(300, "w1-k8s/pod-network")
    .start(0, "labs/page")
    .unchanged(300, "labs/page", "status 200")
    .not_reached(300, "labs/team", "interrupted")
    .over(400);
    let labs = parse_labs(Path::new("labs.toml"), LABS, &[], &|_| true).unwrap();
    Report::from_events(&story.events).graded(&labs)
}

#[test]
fn only_what_holds_brings_points() {
    let report = graded();
    let score = report.score.unwrap();
    assert_eq!((score.earned, score.of), (50, 65));
    let labs: Vec<_> = report
        .rows
        .iter()
        .filter(|row| row.check.lane.as_str() == "labs")
        .map(|row| (row.check.step.as_str(), row.mark, row.points.unwrap().earned))
        .collect();
    assert_eq!(
        labs,
        [
            ("cluster", Mark::Ok, 20),
            ("page", Mark::Ok, 30),
            ("network", Mark::Fail, 0),
            ("team", Mark::Skip, 0),
        ]
    );
    assert!(
        report
            .rows
            .iter()
            .filter(|row| row.check.lane.as_str() != "labs")
            .all(|row| row.points.is_none())
    );
}

#[test]
fn the_table_ends_with_the_score() {
    let text = bare(&graded().to_text(100));
    assert!(text.ends_with("Score: 50 of 65 points (76 %)\n"), "{text}");
    assert!(
        text.contains("2 of 2 hold: nodes/ready, nodes/versions"),
        "{text}"
    );
}
