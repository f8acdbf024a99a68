//! One directory a rule under `tests/invalid`, named for what it proves: the file, and what a user reads.
//!
//! `SNAPSHOTS=overwrite cargo test` writes `expected.txt` anew; then read the differences.

use std::fs;
use std::path::Path;

use kprov::spec::{self, Computer};
use snapbox::Data;
use snapbox::assert::DEFAULT_ACTION_ENV;

use super::{computer, entries, interface};

/// The computer that a file is held against: in directories `attached-…` it is in some networks more, in `arm64-…` it
/// has such a processor.
fn computer_for(directory: &str) -> Computer {
    let mut computer = computer();
    if directory.starts_with("attached-") {
        computer.interfaces.extend([
            interface("wlan0", "192.168.1.23", "192.168.1.0/24"),
            interface("vboxnet0", "192.168.56.1", "192.168.56.0/24"),
            interface("tun0", "10.100.0.7", "10.100.0.0/16"),
        ]);
    }
    if directory.starts_with("arm64-") {
        computer.arch = Some("arm64".to_owned());
    }
    computer
}

fn rendered(path: &Path) -> String {
    let name = path.file_name().unwrap().to_str().unwrap();
    let text = fs::read_to_string(path.join("cluster.toml")).expect("every directory has a cluster.toml");
    match spec::parse(Path::new("cluster.toml"), &text, &computer_for(name)) {
        Ok(_) => format!("{name} has no problem\n"),
        Err(problems) => problems.render(false),
    }
}

#[test]
fn every_rule_says_what_is_wrong() {
    let directories = entries("tests/invalid");
    assert!(directories.len() >= 30, "{}", directories.len());
    for path in directories {
        let expected = Data::read_from(&path.join("expected.txt"), None);
        let actual = rendered(&path);
        assert!(actual.starts_with("error"), "{actual}");
        snapbox::Assert::new()
            .action_env(DEFAULT_ACTION_ENV)
            .eq(actual, expected.raw());
    }
}

#[test]
fn five_mistakes_are_five_diagnostics_in_the_order_of_their_lines() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/invalid/five-different-mistakes");
    let text = fs::read_to_string(path.join("cluster.toml")).unwrap();
    let problems = spec::parse(Path::new("cluster.toml"), &text, &computer()).unwrap_err();
    let places: Vec<_> = problems
        .problems
        .iter()
        .map(|problem| problem.place.0.start)
        .collect();
    assert_eq!(places.len(), 5, "{}", problems.render(false));
    assert!(places.is_sorted());
}
