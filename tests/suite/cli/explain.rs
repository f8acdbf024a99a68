//! `kprov explain`: known problems, one, all, in a text, as a page.

use std::io::Write;
use std::process::{Command, Stdio};

use snapbox::{Assert, Data};

fn kprov(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kprov"));
    command.args(arguments);
    command
}

fn said(arguments: &[&str]) -> String {
    let output = kprov(arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn one_problem_in_both_languages() {
    let english = said(&["explain", "kp-vbox-104", "--lang", "en"]);
    assert!(
        english.starts_with("KP-VBOX-104\nAnother hypervisor, KVM"),
        "{english}"
    );
    assert!(english.contains("VERR_SVM_IN_USE") && english.contains("https://github.com/"));
    let korean = said(&["explain", "KP-VBOX-104", "--lang", "ko"]);
    assert!(korean.contains("하이퍼바이저"), "{korean}");
}

#[test]
fn what_the_doctor_finds_is_explained_too() {
    let said = said(&["explain", "KP-VBOX-004", "--lang", "en"]);
    assert!(
        said.contains("KVM holds the processor") && said.contains("modprobe -r kvm_intel"),
        "{said}"
    );
    let json = self::said(&["explain", "KP-VBOX-004", "--format", "json", "--lang", "ko"]);
    let found: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert!(
        found[0]["what"].as_str().unwrap().starts_with("KVM holds"),
        "{json}"
    );
}

#[test]
fn what_a_program_said_is_as_good_as_an_id() {
    let refused =
        "The connection to the server localhost:8080 was refused - did you specify the right host or port?";
    assert!(said(&["explain", refused]).starts_with("KP-KUBEADM-116\n"));
    assert!(said(&["explain", "ImagePullBackOff"]).starts_with("KP-IMAGE-106\n"));
}

#[test]
fn of_what_is_like_no_id_none_is_said_to_be_the_nearest() {
    let output = kprov(&["explain", "nonsense", "--lang", "en"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains("KP-") && said.contains("--from FILE"), "{said}");
}

#[test]
fn an_unknown_id_names_the_nearest() {
    let output = kprov(&["explain", "KP-VBOX-14", "--lang", "en"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("no problem \"KP-VBOX-14\"") && said.contains("KP-VBOX-1"),
        "{said}"
    );
}

#[test]
fn a_text_from_standard_input_is_searched() {
    let mut child = kprov(&["explain", "--from", "-", "--format", "json", "--lang", "ko"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let text = "==> m-k8s: Booting VM...\nVBoxManage: error: (VERR_SVM_IN_USE)\n";
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found[0]["id"], "KP-VBOX-104");
    assert_eq!(found.as_array().unwrap().len(), 1);
    // JSON is English whatever the user reads.
    assert!(
        found[0]["what"]
            .as_str()
            .unwrap()
            .starts_with("Another hypervisor")
    );
}

/// The page of all known problems, for reading without kprov. `SNAPSHOTS=overwrite` renews it.
#[test]
fn the_page_is_the_table() {
    let page = said(&["explain", "--markdown", "--lang", "en"]);
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/known-problems.md");
    let expected = Data::read_from(&path, None).raw();
    Assert::new().action_env("SNAPSHOTS").eq(page, expected);
}
