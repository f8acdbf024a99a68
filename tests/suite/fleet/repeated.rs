//! What holds already is left alone; a dry run leaves everything alone.

use kprov::engine::Options;
use kprov::event::Outcome;
use kprov::plan::{Plan, Value};
use kprov::transport::Cancel;
use tempfile::{TempDir, tempdir};

use super::hosts::{Fleet, lines};
use super::plans::{after, boot, fact, lane, plan, script, step, touch, with_payload};
use super::told::{run, run_with};

/// Two machines; the second needs a value of the first, an artifact, and the first one's last step.
fn cluster(dirs: &[TempDir; 2]) -> Plan {
    let join = script(
        "join",
        r#"
check() {
  echo "check $NAME" >> "$DIR/log"
  [[ -e $DIR/$NAME ]] || { echo "not joined"; return 1; }
}

apply() {
  echo "apply $NAME" >> "$DIR/log"
  [[ $TOKEN == secret ]]
  cat > "$DIR/$NAME"
}
"#,
    );
    let token = script(
        "token",
        "fact() {\n  echo fact >> \"$DIR/log\"\n  printf secret\n}\n",
    );
    let token_of_first = vec![("TOKEN", Value::Fact("token".into()))];
    let join = step("w1", dirs[1].path(), "join", join, token_of_first);
    let mut plan = plan_of(vec![
        lane("cp1", vec![boot("cp1"), touch("cp1", dirs[0].path(), "init")]),
        lane(
            "w1",
            vec![
                boot("w1"),
                touch("w1", dirs[1].path(), "prepare"),
                with_payload(after(join, &["cp1/init"]), "files/kubelet"),
                touch("w1", dirs[1].path(), "ready"),
            ],
        ),
    ]);
    plan.facts = vec![fact("token", "cp1", dirs[0].path(), token)];
    plan
}

fn plan_of(lanes: Vec<kprov::plan::Lane>) -> Plan {
    // The fact is added afterwards, so only the gates are looked at here.
    let mut plan = plan(Vec::new());
    plan.lanes = lanes;
    plan
}

fn fleet() -> Fleet {
    let mut fleet = Fleet::of(&[]);
    fleet
        .artifacts
        .insert("files/kubelet".to_owned(), b"program".to_vec());
    fleet
}

#[test]
fn the_second_run_changes_nothing() {
    let dirs = [tempdir().unwrap(), tempdir().unwrap()];
    let (fleet, plan) = (fleet(), cluster(&dirs));
    assert_eq!(plan.dangling(), Vec::<String>::new());
    let first = run(&fleet, &plan);
    assert_eq!(first.report.summary.changed, 6, "{:?}", first.ends());
    assert_eq!(std::fs::read(dirs[1].path().join("join")).unwrap(), b"program");
    for dir in &dirs {
        std::fs::remove_file(dir.path().join("log")).unwrap();
    }
    fleet.log.lock().unwrap().clear();

    let second = run(&fleet, &plan);
    assert_eq!(second.report.summary.unchanged, 6, "{:?}", second.ends());
    assert_eq!(
        lines(&dirs[0].path().join("log")),
        ["check init"],
        "a fact was made or a step applied"
    );
    assert_eq!(
        lines(&dirs[1].path().join("log")),
        ["check prepare", "check join", "check ready"]
    );
    assert_eq!(
        fleet.count("payload files/kubelet") + fleet.count("boot cp1") + fleet.count("boot w1"),
        0
    );
    assert!(matches!(second.outcome("cp1/init"), Outcome::Unchanged { reason } if reason == "init is there"));
}

#[test]
fn what_is_missing_is_mended_and_nothing_else() {
    let dirs = [tempdir().unwrap(), tempdir().unwrap()];
    let (fleet, plan) = (fleet(), cluster(&dirs));
    run(&fleet, &plan);
    std::fs::remove_file(dirs[1].path().join("join")).unwrap();
    let told = run(&fleet, &plan);
    let changed: Vec<_> = told
        .ends()
        .into_iter()
        .filter(|end| !end.ends_with("unchanged"))
        .collect();
    assert_eq!(changed, ["w1/join changed"]);
}

#[test]
fn a_dry_run_looks_and_changes_nothing() {
    let dirs = [tempdir().unwrap(), tempdir().unwrap()];
    let (fleet, plan) = (fleet(), cluster(&dirs));
    let dry = Options { dry_run: true };
    let told = run_with(&fleet, &plan, dry, &Cancel::default());
    assert_eq!(fleet.count("boot cp1") + fleet.count("boot w1"), 0);
    assert!(matches!(told.outcome("cp1/boot"), Outcome::Pending { reason } if reason == "cp1 is silent"));

    *fleet.running.lock().unwrap() = ["cp1".to_owned(), "w1".to_owned()].into();
    let told = run_with(&fleet, &plan, dry, &Cancel::default());
    assert_eq!(
        told.ends(),
        [
            "cp1/boot unchanged",
            "cp1/init pending",
            "w1/boot unchanged",
            "w1/prepare pending",
            "w1/join pending",
            "w1/ready pending"
        ]
    );
    assert!(matches!(told.outcome("w1/join"), Outcome::Pending { reason } if reason == "not joined"));
    for dir in &dirs {
        let asked = lines(&dir.path().join("log"));
        assert!(asked.iter().all(|line| line.starts_with("check ")), "{asked:?}");
    }
    assert_eq!(fleet.count("payload files/kubelet"), 0);
}
