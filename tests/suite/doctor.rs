//! The doctor before recorded computers: each folder of tests/hosts is one, with what its programs and files say and
//! with the ids that are to be found, those and no other.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use kprov::doctor::{self, Depth, Host, Os, Said, Severity};
use kprov::spec::{self, Computer};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Recorded {
    os: String,
    arch: String,
    folder: String,
    expected: Vec<String>,
    cluster: String,
    #[serde(default)]
    env: HashMap<String, String>,
    #[serde(default)]
    files: HashMap<String, String>,
    #[serde(default)]
    command: Vec<Command>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Command {
    call: String,
    status: i32,
    says: String,
}

impl Host for Recorded {
    fn os(&self) -> Os {
        match self.os.as_str() {
            "linux" => Os::Linux,
            "macos" => Os::Macos,
            "windows" => Os::Windows,
            other => panic!("no system {other}"),
        }
    }

    fn arch(&self) -> String {
        self.arch.clone()
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Option<Said> {
        let call = std::iter::once(program)
            .chain(arguments.iter().copied())
            .collect::<Vec<_>>()
            .join(" ");
        let command = self.command.iter().find(|command| command.call == call)?;
        Some(Said {
            ok: command.status == 0,
            text: command.says.clone(),
        })
    }

    fn read(&self, path: &str) -> Option<String> {
        self.files.get(path).cloned()
    }

    fn env(&self, name: &str) -> Option<String> {
        self.env.get(name).cloned()
    }

    fn folder(&self) -> String {
        self.folder.clone()
    }
}

fn hosts() -> Vec<(String, Recorded)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hosts");
    let mut hosts: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    hosts.sort();
    hosts
        .into_iter()
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let text = fs::read_to_string(path.join("host.toml")).unwrap();
            let host = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            (name, host)
        })
        .collect()
}

fn spec_of(host: &Recorded) -> spec::Spec {
    spec::parse(Path::new("cluster.toml"), &host.cluster, &Computer::default())
        .unwrap_or_else(|problems| panic!("{}", problems.render(false)))
}

#[test]
fn each_recorded_computer_has_what_was_planted_and_nothing_else() {
    let hosts = hosts();
    let planted = hosts.iter().filter(|(_, host)| !host.expected.is_empty()).count();
    assert!(planted >= 20, "only {planted} computers have something wrong");
    for (name, host) in hosts {
        let findings = doctor::examine(&host, &spec_of(&host), Depth::Full);
        let ids: Vec<&str> = findings.iter().map(|finding| finding.id).collect();
        assert_eq!(ids, host.expected, "{name}: {findings:#?}");
        for finding in findings {
            for text in [
                finding.title(),
                finding.why(),
                finding.advice(),
                finding.seen.clone(),
            ] {
                assert!(!text.is_empty() && !text.contains("doctor."), "{name}: {text:?}");
                assert!(
                    !text.contains("{line}") && !text.contains("{free}") && !text.contains("{needed}"),
                    "{text}"
                );
            }
            assert!(
                finding.advice().starts_with("1. "),
                "{name}: {}",
                finding.advice()
            );
        }
    }
}

/// What `up` asks first is a part of it: it never finds what the whole does not.
#[test]
fn the_quick_part_finds_nothing_of_its_own() {
    for (name, host) in hosts() {
        let quick = doctor::examine(&host, &spec_of(&host), Depth::Quick);
        for finding in quick {
            assert!(
                host.expected.iter().any(|id| id == finding.id),
                "{name}: {finding:?}"
            );
        }
    }
}

/// Every finding that the doctor can have is planted somewhere.
#[test]
fn every_id_with_a_text_is_seen_on_some_computer() {
    let texts: HashMap<String, String> =
        toml::from_str(include_str!("../../templates/messages/en/doctor.toml")).unwrap();
    let known: Vec<String> = hosts().into_iter().flat_map(|(_, host)| host.expected).collect();
    for key in texts.keys() {
        if let Some(id) = key.strip_suffix("-title") {
            assert!(
                known.iter().any(|seen| seen == id),
                "no recorded computer has {id}"
            );
        }
    }
}

#[test]
fn advice_depends_on_what_was_seen() {
    let of = |name: &str, id: &str| {
        let (_, host) = hosts().into_iter().find(|(host, _)| host == name).unwrap();
        let findings = doctor::examine(&host, &spec_of(&host), Depth::Full);
        findings.into_iter().find(|finding| finding.id == id).unwrap()
    };
    assert!(
        of("kvm-holds-amd-v", "KP-VBOX-004")
            .advice()
            .contains("modprobe -r kvm_amd kvm")
    );
    assert!(
        of("kvm-holds-vt-x", "KP-VBOX-004")
            .advice()
            .contains("modprobe -r kvm_intel kvm")
    );
    assert!(
        of("vagrant-too-old-for-7-2", "KP-VBOX-007")
            .advice()
            .contains("2.4.9")
    );
    let range = of("course-range-not-allowed", "KP-VBOX-008");
    assert!(
        range.advice().contains("* 192.168.56.0/21 192.168.1.0/24"),
        "{}",
        range.advice()
    );
    assert_eq!(of("hyper-v", "KP-VBOX-009").severity, Severity::Warns);
    assert!(of("docker-down", "KP-DOCKER-002").advice().contains("systemctl"));
}
