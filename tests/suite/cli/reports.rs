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
        .kprov(&["verify", "--report", "a.html"])
        .code(1)
        .says("make it with `kprov up`");
}
