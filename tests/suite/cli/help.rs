//! What kprov says of itself.

use crate::place::{LAB, Place};

#[test]
fn help_names_every_command_and_is_data() {
    let place = Place::with(LAB);
    let said = place.kprov(&["--help"]).code(0);
    for command in [
        "init",
        "check",
        "render",
        "plan",
        "up",
        "verify",
        "status",
        "ssh",
        "kubeconfig",
        "halt",
        "resume",
        "reset",
        "snapshot",
        "pack",
        "destroy",
        "completions",
    ] {
        assert!(
            said.out
                .lines()
                .any(|line| line.trim_start().starts_with(command)),
            "{command}"
        );
        let own = place.kprov(&[command, "--help"]).code(0);
        assert!(
            own.out.contains(&format!("Usage: kprov {command}")),
            "{}",
            own.out
        );
    }
    assert_eq!(said.err, "");
}

#[test]
fn version_is_that_of_the_crate() {
    let said = Place::with(LAB).kprov(&["--version"]).code(0);
    assert_eq!(said.out, format!("kprov {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn an_unknown_command_is_a_mistake_of_usage() {
    let place = Place::with(LAB);
    let said = place.kprov(&["frobnicate"]).code(2).says("frobnicate");
    assert_eq!(said.out, "");
    place.kprov(&["up", "--frobnicate"]).code(2).says("--frobnicate");
    place.kprov(&[]).code(2).says("Usage: kprov");
    place
        .kprov(&["ssh", "m-k8s", "kubectl", "get", "nodes"])
        .code(2)
        .says("kprov ssh w1-k8s -- uptime");
}

#[test]
fn a_value_that_cannot_be_is_answered_by_what_can() {
    let place = Place::with(LAB);
    for seconds in ["0", "-1", "ten", "86401", "99999999999999999999999"] {
        for option in ["--timeout", "--watch"] {
            place
                .kprov(&["verify", option, seconds])
                .code(2)
                .says(&format!("{option} <SECONDS> cannot be {seconds}\n"))
                .says("a whole number of seconds from 1 to 86400");
        }
    }
    place
        .kprov(&["pack", "serve", "pack", "--listen", "127.0.0.1"])
        .code(2)
        .says("127.0.0.1\n")
        .says("and a port, such as 192.168.1.10:8000");
    place
        .kprov(&["up", "--dry-run=no"])
        .code(2)
        .says("--dry-run takes no value");
    place
        .kprov(&["-f", "a", "-f", "b", "up"])
        .code(2)
        .says("--file <FILE> stands there more than once");
    place.kprov(&["-q", "-v", "up"]).code(2).says("and --verbose do");
}

#[test]
fn completions_are_there_for_every_shell() {
    let place = Place::with(LAB);
    for (shell, words) in [
        ("bash", "complete -F _kprov"),
        ("zsh", "#compdef kprov"),
        ("fish", "complete -c kprov"),
        ("powershell", "Register-ArgumentCompleter"),
    ] {
        let said = place.kprov(&["completions", shell]).code(0).says(words);
        assert!(said.out.contains("kubeconfig") && said.err.is_empty());
    }
    place
        .kprov(&["completions", "tcsh"])
        .code(2)
        .says("possible values");
}

#[test]
#[cfg(unix)]
fn completions_are_good_bash() {
    let Some(bash) = crate::tools::require("bash") else {
        return;
    };
    let place = Place::with(LAB);
    std::fs::write(
        place.path("completions"),
        place.kprov(&["completions", "bash"]).out,
    )
    .unwrap();
    let said = std::process::Command::new(bash)
        .arg("-n")
        .arg(place.path("completions"))
        .output()
        .unwrap();
    assert!(said.status.success(), "{said:?}");
}
