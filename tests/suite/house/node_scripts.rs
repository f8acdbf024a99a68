//! The shell that runs on nodes: all of it is embedded, and it is sound.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use super::sources::root;
use crate::tools::require;

#[test]
fn every_file_for_nodes_is_embedded() {
    let mut there: BTreeSet<String> = fs::read_dir(root().join("templates/node"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .map(|name| name.strip_suffix(".sh").unwrap_or(&name).to_owned())
        .collect();
    // Not steps: what is put around every step.
    assert!(there.remove("run") && there.remove("lib"));
    let scripts = kprov::plan::up::scripts();
    let embedded: BTreeSet<String> = scripts.iter().map(|script| script.name.to_owned()).collect();
    assert_eq!(embedded, there);
    assert_eq!(embedded.len(), scripts.len(), "a script is embedded twice");
}

#[test]
fn whoever_applies_is_seen_to_apply() {
    for script in kprov::plan::up::scripts() {
        let defines = script
            .source
            .lines()
            .any(|line| line.trim_start().starts_with("apply()"));
        assert_eq!(
            script.applies(),
            defines,
            "{}: write `apply() {{` at the start of a line",
            script.name
        );
    }
}

#[test]
fn node_scripts_keep_their_form_and_their_promises() {
    let (Some(bash), Some(_)) = (require("bash"), require("shellcheck")) else {
        return;
    };
    let run = Command::new(bash)
        .arg(root().join("tests/node/run.sh"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(
        run.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&run.stderr)
    );
    for line in said.lines().filter(|line| line.starts_with("skipped")) {
        eprintln!("{line}");
    }
    let passed = said.lines().filter(|line| line.starts_with("ok ")).count();
    assert!(
        passed > kprov::plan::up::scripts().len(),
        "only {passed} checks:\n{said}"
    );
}
