//! Where the reports of a verification go.

use crate::place::{LAB, Place};

#[test]
fn the_schema_is_data_and_needs_no_cluster() {
    let place = Place::with(LAB);
    let said = place.kprov(&["verify", "--schema"]).code(0);
    let schema: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(schema["properties"]["format"]["const"], 1);
}

#[test]
fn a_report_without_a_form_is_said_before_anything_is_verified() {
    let place = Place::with(LAB);
    let said = place
        .kprov(&["verify", "--report", "a.txt"])
        .code(2)
        .says("a.txt")
        .says(".html");
    assert!(!said.err.contains("kprov up"), "{}", said.err);
    place
        .kprov(&["verify", "--report", "no/where/a.html"])
        .code(2)
        .says("there is no folder no/where");
    place
        .kprov(&["verify", "--report", "a.html"])
        .code(1)
        .says("make it with `kprov up`");
}

#[test]
fn the_lesson_and_the_points_are_refused_where_they_make_no_sense() {
    let place = Place::with(LAB);
    place.kprov(&["verify", "--explain", "--report", "a.md"]).code(2);
    place
        .kprov(&["verify", "--explain"])
        .code(1)
        .says("make it with `kprov up`");
    std::fs::write(
        place.path("labs.toml"),
        "[[check]]\nname = \"a\"\nverify = \"dsn\"\n",
    )
    .unwrap();
    place
        .kprov(&["verify", "--grade", "labs.toml"])
        .code(2)
        .says("labs.toml:3")
        .says("did you mean `dns`?");
    place
        .kprov(&["verify", "--grade", "none.toml"])
        .code(2)
        .says("no file none.toml")
        .says("`--grade` takes");
    std::fs::write(
        place.path("labs.toml"),
        "[[check]]\nname = \"mine\"\ncommand = \"true\"\n",
    )
    .unwrap();
    place
        .kprov(&["verify", "--grade", "labs.toml", "--list"])
        .code(0)
        .says("mine");
}

#[test]
fn a_kubeconfig_that_is_not_there_is_said_to_be_so() {
    Place::with(LAB)
        .kprov(&["verify", "--kubeconfig", "none.conf"])
        .code(2)
        .says("none.conf cannot be read");
}

#[test]
fn a_check_that_is_none_is_taken_for_the_nearest() {
    let place = Place::with(LAB);
    let said = place.kprov(&["verify", "--list", "--only", "nodse"]).code(2);
    let said = said.says("no check \"nodse\"").says("did you mean nodes?");
    assert!(said.err.contains("kprov verify --list"), "{}", said.err);
    let said = place.kprov(&["verify", "--list", "--skip", "weather"]).code(2);
    assert!(!said.err.contains("did you mean"), "{}", said.err);
}

#[test]
fn a_choice_that_leaves_nothing_to_check_proves_nothing() {
    let place = Place::with(LAB);
    let verify = |options: &[&str]| place.kprov(&[&["verify"], options].concat());
    for (only, skip) in [
        ("pod", "pod"),
        ("dns/dns,etcd", "etcd,dns"),
        ("rollback", "rollout"),
    ] {
        verify(&["--only", only, "--skip", skip])
            .code(2)
            .says("nothing is left to check")
            .says(&format!("--only {only}"))
            .says(&format!("--skip {skip}"));
    }
    let listed = verify(&["--list", "--format", "json"]).code(0).out;
    let listed: Vec<serde_json::Value> = serde_json::from_str(&listed).unwrap();
    let ids: Vec<&str> = listed
        .iter()
        .map(|check| check["check"].as_str().unwrap())
        .collect();
    verify(&["--skip", &ids.join(",")])
        .code(2)
        .says("leaves all of it out");
    // One is left, and so is what an instructor asks for.
    verify(&["--list", "--only", "pod,etcd", "--skip", "pod"]).code(0);
    std::fs::write(
        place.path("labs.toml"),
        "[[check]]\nname = \"mine\"\ncommand = \"true\"\n",
    )
    .unwrap();
    verify(&["--list", "--only", "pod", "--skip", "pod", "--grade", "labs.toml"]).code(0);
}
