//! The shell that runs on nodes: all of it is embedded, and it is sound.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use kprov::plan::Action;
use kprov::plan::verify::{Settings, Subject};

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
    let scripts = kprov::plan::SCRIPTS;
    let embedded: BTreeSet<String> = scripts.iter().map(|script| script.name.to_owned()).collect();
    assert_eq!(embedded, there);
    assert_eq!(embedded.len(), scripts.len(), "a script is embedded twice");
}

#[test]
fn whoever_applies_is_seen_to_apply() {
    for script in kprov::plan::SCRIPTS {
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

/// What only GNU's programs know: scripts that go through kubectl also run on other people's computers.
const GNU_ONLY: &[(&str, &str)] = &[
    ("date +%s%N", "macOS writes an N; see `tenths`"),
    ("date -d", "macOS reads no dates"),
    ("sed -i", "macOS wants a suffix"),
    ("sed -r", "macOS says -E"),
    ("grep -P", "macOS has no Perl in its grep"),
    ("readlink -f", "macOS had none until 12.3"),
    ("stat -c", "macOS says -f"),
    ("base64 -w", "macOS has no -w"),
    ("=$(timeout ", "macOS has no timeout"),
    ("seq ", "write {1..9}"),
    ("q}'", "macOS wants a semicolon before the brace"),
    ("/dev/udp/", "not every bash has it"),
];

#[test]
fn what_goes_through_kubectl_runs_on_other_systems_too() {
    let spec = crate::render::specs::three_control_planes();
    let subject = Subject {
        ssh: false,
        comeback: None,
        ..Subject::of(&spec)
    };
    let plan = kprov::plan::verify::plan(&subject, &Settings::default()).unwrap();
    let steps = plan
        .lanes
        .iter()
        .chain(&plan.finally)
        .flat_map(|lane| &lane.steps);
    let mut seen = BTreeSet::new();
    for step in steps {
        let Action::Script(_, call) = &step.action else {
            continue;
        };
        seen.insert(call.script.name);
        for line in call
            .script
            .source
            .lines()
            .filter(|line| !line.trim_start().starts_with('#'))
        {
            let word = GNU_ONLY.iter().find(|(word, _)| line.contains(word));
            assert_eq!(word, None, "{}: {line}", call.script.name);
            // Without a file, or a hyphen, macOS says only how to call it.
            let alone = line.split("paste ").skip(1).any(|rest| {
                let call = rest.split([')', '|']).next().unwrap_or_default();
                !call.trim_end().ends_with(" -")
            });
            assert!(!alone, "{}: paste without a hyphen: {line}", call.script.name);
        }
    }
    assert!(seen.len() > 35, "only {} scripts: {seen:?}", seen.len());
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
        passed > kprov::plan::SCRIPTS.len(),
        "only {passed} checks:\n{said}"
    );
}
