//! What bash makes of an exec: `set -e` that bites, payloads that arrive whole, and values that stay as they are.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use kprov::plan::{Step, Value};
use proptest::prelude::*;
use tempfile::tempdir;

use super::hosts::{Fleet, lines};
use super::plans::{lane, plan, script, step, touch, with_payload};
use super::told::run;

fn run_one(step: Step) -> super::told::Told {
    run(&Fleet::of(&["cp1"]), &plan(vec![lane("cp1", vec![step])]))
}

#[test]
fn a_command_that_fails_in_the_middle_of_apply_fails_the_step() {
    let dir = tempdir().unwrap();
    let source = r#"
check() {
  [[ -e $DIR/done ]]
}

helper() {
  cp "$DIR/missing" "$DIR/copy"
  touch "$DIR/after"
}

apply() {
  helper
  touch "$DIR/done"
}
"#;
    let told = run_one(step(
        "cp1",
        dir.path(),
        "copy",
        script("copy", source),
        Vec::new(),
    ));
    assert_eq!(told.failure("cp1/copy").status, Some(1));
    assert!(told.failure("cp1/copy").last_lines[0].contains("missing"));
    assert!(
        !dir.path().join("after").exists(),
        "bash went on after a command that failed"
    );
    assert!(!dir.path().join("done").exists());
}

#[test]
fn a_command_that_fails_in_the_middle_of_a_check_makes_it_false() {
    let dir = tempdir().unwrap();
    for (name, source) in [
        ("plain", "check() {\n  false\n  echo fine\n}\n"),
        ("pipe", "check() {\n  false | cat\n  echo fine\n}\n"),
        (
            "unset",
            "check() {\n  echo \"$KPROV_NO_SUCH_VARIABLE\"\n  echo fine\n}\n",
        ),
    ] {
        let mut looks = step("cp1", dir.path(), name, script(name, source), Vec::new());
        looks.patience = Duration::ZERO;
        let told = run_one(looks);
        assert_eq!(told.ends(), [format!("cp1/{name} failed")]);
    }
}

#[test]
fn a_script_that_breaks_the_runner_is_no_success() {
    let dir = tempdir().unwrap();
    let source = "kill -KILL $$\n\ncheck() {\n  true\n}\n";
    let told = run_one(step(
        "cp1",
        dir.path(),
        "suicide",
        script("suicide", source),
        Vec::new(),
    ));
    let failure = told.failure("cp1/suicide");
    assert!(
        failure.message.contains("the script on the node ended early"),
        "{}",
        failure.message
    );
    assert!(
        failure.hints.iter().any(|hint| hint.contains("sudo -n true")),
        "{:?}",
        failure.hints
    );
}

#[test]
fn steps_do_not_see_each_others_variables() {
    let dir = tempdir().unwrap();
    let looks = script("looks", "check() {\n  [[ -z ${LEAK:-} && $NAME == second ]]\n}\n");
    let leaks = script("leaks", "check() {\n  LEAK=1\n  export LEAK\n}\n");
    let mut second = step("cp1", dir.path(), "second", looks, Vec::new());
    second.patience = Duration::ZERO;
    let leak = vec![("LEAK", Value::Text("1".to_owned()))];
    let first = step("cp1", dir.path(), "first", leaks, leak);
    let told = run(
        &Fleet::of(&["cp1"]),
        &plan(vec![lane("cp1", vec![first, second])]),
    );
    assert_eq!(told.ends(), ["cp1/first unchanged", "cp1/second unchanged"]);
}

#[test]
fn a_command_that_reads_its_input_eats_nothing_of_the_script() {
    let dir = tempdir().unwrap();
    let greedy = script(
        "greedy",
        "check() {\n  cat > /dev/null\n  echo \"nothing to read\"\n}\n",
    );
    let steps = vec![
        step("cp1", dir.path(), "greedy", greedy, Vec::new()),
        touch("cp1", dir.path(), "next"),
    ];
    let told = run(&Fleet::of(&["cp1"]), &plan(vec![lane("cp1", steps)]));
    assert_eq!(told.ends(), ["cp1/greedy unchanged", "cp1/next changed"]);
}

#[test]
fn a_payload_arrives_whole_and_only_when_it_is_needed() {
    let dir = tempdir().unwrap();
    let receive = script(
        "receive",
        "check() {\n  [[ -s $DIR/$NAME ]]\n}\n\napply() {\n  cat > \"$DIR/$NAME\"\n}\n",
    );
    // Every byte value, and lines that look like the runner's own.
    let mut bytes: Vec<u8> = (0..5_000_000_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    bytes.extend_from_slice(b"\n\x1efailed\t0\t1\n#!/bin/sh\nexit 1\n");
    let mut fleet = Fleet::of(&["cp1"]);
    fleet.artifacts.insert("a".to_owned(), bytes.clone());
    fleet.artifacts.insert("b".to_owned(), b"small".to_vec());
    let plan = plan(vec![lane(
        "cp1",
        vec![
            touch("cp1", dir.path(), "before"),
            with_payload(step("cp1", dir.path(), "one", receive, Vec::new()), "a"),
            with_payload(step("cp1", dir.path(), "two", receive, Vec::new()), "b"),
            touch("cp1", dir.path(), "behind"),
        ],
    )]);
    let told = run(&fleet, &plan);
    assert_eq!(told.report.summary.changed, 4, "{:?}", told.ends());
    assert!(
        std::fs::read(dir.path().join("one")).unwrap() == bytes,
        "the payload is another one"
    );
    assert_eq!(std::fs::read(dir.path().join("two")).unwrap(), b"small");
    std::fs::remove_file(dir.path().join("two")).unwrap();
    run(&fleet, &plan);
    assert_eq!((fleet.count("payload a"), fleet.count("payload b")), (1, 2));
}

#[test]
fn an_artifact_that_is_missing_fails_the_step_that_needs_it() {
    let dir = tempdir().unwrap();
    let told = run_one(with_payload(touch("cp1", dir.path(), "program"), "nowhere"));
    assert_eq!(told.failure("cp1/program").message, "no nowhere");
    assert!(!lines(&dir.path().join("log")).contains(&"apply program".to_owned()));
}

/// Values with whatever means something to a shell, at any place.
fn hostile() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "'",
        "\"",
        "\\",
        "\n",
        "\0",
        "$(touch /tmp/kprov-was-here)",
        "`id`",
        "$HOME",
        "!",
        "*",
        "~",
        "\t",
        "é",
        "-n",
        "EOF",
        ";",
        "&",
        "|",
        "}",
        "\u{1e}fact\tx\teA==\n",
        "\r",
        " ",
        "''",
        "\\'",
    ];
    let piece = prop_oneof![
        proptest::sample::select(PIECES).prop_map(str::to_owned),
        any::<String>()
    ];
    proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    // Each case is a bash of its own with several values.
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn hostile_values_reach_the_script_unchanged(values in proptest::collection::vec(hostile(), 6)) {
        let dir = tempdir().unwrap();
        let compare = script(
            "compare",
            "check() {\n  [[ $(printf %s \"$VALUE\" | base64 -w0) == \"$WANTED\" ]]\n}\n",
        );
        let steps = values.iter().enumerate().map(|(number, value)| {
            // No shell can hold a NUL.
            let wanted = BASE64_STANDARD.encode(value.replace('\0', ""));
            let more = vec![("VALUE", Value::Text(value.clone())), ("WANTED", Value::Text(wanted))];
            let mut step = step("cp1", dir.path(), &format!("s{number}"), compare, more);
            step.patience = Duration::ZERO;
            step
        });
        let told = run(&Fleet::of(&["cp1"]), &plan(vec![lane("cp1", steps.collect())]));
        prop_assert_eq!(told.report.summary.unchanged, values.len(), "{:?}", told.report.outcomes);
        prop_assert!(!std::path::Path::new("/tmp/kprov-was-here").exists());
    }
}
