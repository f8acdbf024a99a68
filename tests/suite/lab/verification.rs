//! `kprov verify` in its other forms, on a cluster that is there: reports, points, a kubeconfig alone, the lesson, and
//! a node that is stopped.

use std::fs;

use serde_json::Value;

use super::{Folder, kprov};
use crate::tools;

/// Every form that leaves the cluster as it was.
pub(super) fn has_many_forms(lab: &Folder) {
    reports(lab);
    points(lab);
    a_kubeconfig_is_enough(lab);
    the_lesson(lab);
    let left = lab.on(
        "m-k8s",
        "kubectl --kubeconfig /etc/kubernetes/admin.conf get namespaces --field-selector status.phase=Active -o name",
    );
    assert!(!left.contains("kprov"), "{left}");
}

fn reports(lab: &Folder) {
    let begins = [
        ("report.html", "<!doctype html>"),
        ("report.xml", "<?xml"),
        ("report.json", "{"),
        ("report.md", "## "),
    ];
    let mut arguments = vec!["verify", "--only", "api-server,scheduler"];
    for (file, _) in begins {
        arguments.extend(["--report", file]);
    }
    lab.kprov(&arguments).exits(0).says("2 passed");
    for (file, begin) in begins {
        let path = lab.dir.join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.to_lowercase().starts_with(begin), "{file}: {text}");
        fs::remove_file(path).unwrap();
    }
    lab.kprov(&["verify", "--only", "api-server,scheduler", "--skip", "scheduler"])
        .exits(0)
        .says("1 passed");
}

fn points(lab: &Folder) {
    let labs = lab.dir.join("labs.toml");
    let config = r#"
[lab]
title = "One that holds and one that does not"

[[check]]
name = "cluster"
title = "All nodes are Ready"
verify = "ready"
points = 20

[[check]]
name = "team"
title = "There is a namespace team-a"
command = "kubectl get namespace team-a -o name"
points = 10
seconds = 1
"#;
    fs::write(&labs, config).unwrap();
    lab.kprov(&["verify", "--only", "ready", "--grade", "labs.toml"])
        .exits(4)
        .says("20 of 30 points");
    fs::remove_file(labs).unwrap();
}

/// From a folder where nothing is, with the kubeconfig alone.
fn a_kubeconfig_is_enough(lab: &Folder) {
    if tools::require("kubectl").is_none() {
        return;
    }
    let elsewhere = lab.dir.join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let kubeconfig = lab.state("kubeconfig").display().to_string();
    let only = "ready,api-server,pod,cron-job,deleted";
    let said = lab
        .command(
            kprov(),
            &[
                "verify",
                "--kubeconfig",
                &kubeconfig,
                "--only",
                only,
                "--report",
                "report.json",
            ],
        )
        .current_dir(&elsewhere)
        .output()
        .unwrap();
    assert!(
        said.status.success(),
        "{}{}",
        String::from_utf8_lossy(&said.stdout),
        String::from_utf8_lossy(&said.stderr)
    );
    let report: Value =
        serde_json::from_str(&fs::read_to_string(elsewhere.join("report.json")).unwrap()).unwrap();
    assert_eq!(report["failed"], 0, "{report:#}");
    let passed = report["passed"].as_u64().unwrap();
    assert!(passed >= 5, "{report:#}");
    // What is not known of somebody else's cluster is left open, not made up.
    assert_eq!(report["kubernetes"], "1.20.2");
    assert_eq!(
        (&report["provider"], &report["picture"]["node_network"]),
        (&"".into(), &"".into())
    );
    let nodes = report["picture"]["nodes"].as_array().unwrap();
    let addresses: Vec<_> = nodes.iter().map(|node| &node["address"]).collect();
    assert_eq!(addresses, ["192.168.56.10", "192.168.56.101", "192.168.56.102"]);
    let left: Vec<_> = fs::read_dir(&elsewhere)
        .unwrap()
        .flatten()
        .map(|entry| entry.file_name())
        .collect();
    assert_eq!(left, ["report.json"], "nothing but what was asked for");
    fs::remove_dir_all(elsewhere).unwrap();
}

/// All its pages, without anybody who presses a key.
fn the_lesson(lab: &Folder) {
    lab.kprov(&["--lang", "ko", "verify", "--explain"])
        .exits(0)
        .says("14쪽 중 1쪽")
        .says("14쪽 중 14쪽")
        .says("Welcome to nginx!");
}

/// A worker is switched off, its pods come up elsewhere, and it is switched on again.
pub(super) fn stops_a_worker(lab: &Folder) {
    lab.kprov(&["verify", "--only", "replaced"])
        .exits(2)
        .says("--disruptive");
    lab.kprov(&["verify", "--disruptive", "--only", "replaced"])
        .exits(0);
    let report: Value = serde_json::from_str(&fs::read_to_string(lab.state("verify.json")).unwrap()).unwrap();
    let text = report.to_string();
    for check in [
        "resident",
        "stopped",
        "noticed",
        "replaced",
        "started",
        "host-names",
        "rejoined",
    ] {
        assert!(text.contains(check), "no {check} in {report:#}");
    }
    assert_eq!(report["failed"], 0, "{report:#}");
    assert!(!lab.state("stopped-by-verify").exists());
    // Nothing is left to be mended, though Docker writes a container's /etc/hosts anew when it starts.
    lab.kprov(&["up", "--no-verify"]).exits(0).says("0 changed");
}
