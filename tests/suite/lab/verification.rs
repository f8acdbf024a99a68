//! `kprov verify` in its other forms, on a cluster that is there: reports, points, a kubeconfig alone, the lesson, and
//! a node that is stopped.

use std::fs;

use super::{Folder, kprov};
use crate::tools;
use crate::ui::forms;

/// All checks, in Korean, with a report of each form: those for programs are English and as their schemas say, the page
/// is sound, and in it there is a Korean word of everything that was seen.
pub(super) fn in_korean(lab: &Folder) {
    let files = ["whole.html", "whole.xml", "whole.json", "whole.md"];
    let mut arguments = vec!["--lang", "ko", "verify"];
    for file in files {
        arguments.extend(["--report", file]);
    }
    lab.kprov(&arguments).exits(0);
    let [page, junit, json, _] = files.map(|file| lab.dir.join(file));
    let is_korean = |text: &str| text.chars().any(|c| ('가'..='힣').contains(&c));

    let text = fs::read_to_string(json).unwrap();
    forms::valid(&text);
    let foreign: Vec<&str> = text.lines().filter(|line| is_korean(line)).collect();
    assert!(foreign.is_empty(), "Korean in JSON: {foreign:#?}");

    let run = fs::read_dir(lab.state("runs"))
        .unwrap()
        .flatten()
        .map(|run| run.path())
        .max();
    let mut logs = 0;
    for file in fs::read_dir(run.unwrap())
        .unwrap()
        .flatten()
        .map(|file| file.path())
    {
        if !file
            .extension()
            .is_some_and(|kind| kind == "log" || kind == "jsonl")
        {
            continue;
        }
        logs += 1;
        let text = fs::read_to_string(&file).unwrap();
        let foreign = text.lines().find(|line| is_korean(line));
        assert_eq!(foreign, None, "Korean in {}", file.display());
    }
    assert!(logs > 10, "{logs} logs");

    let html = fs::read_to_string(&page).unwrap();
    let seen = html.split("<span class=\"seen\">").skip(1);
    let seen: Vec<&str> = seen.filter_map(|rest| rest.split("</span>").next()).collect();
    assert!(seen.len() > 60, "{} checks", seen.len());
    // Of the namespace there is nothing but its name to tell.
    let english: Vec<&&str> = seen
        .iter()
        .filter(|text| !is_korean(text) && !text.starts_with("kprov-verify-"))
        .collect();
    assert!(english.is_empty(), "not told in Korean: {english:#?}");
    if let Some(chromium) = tools::require("chromium") {
        forms::page_is_sound(&chromium, &page);
    }
    if let Some(xmllint) = tools::require("xmllint") {
        let (holds, said) = forms::junit(&xmllint, &junit);
        assert!(holds, "{said}");
    }
    for file in files {
        fs::remove_file(lab.dir.join(file)).unwrap();
    }
}

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
    // The lab's own kubectl: this computer need not have one.
    let programs = lab.in_lab("printenv", &["KPROV_LAB_DIR"]).stdout;
    let programs = String::from_utf8(programs).unwrap().trim().to_owned() + "/kubernetes";
    let path = format!("PATH={programs}:{}", std::env::var("PATH").unwrap());
    let elsewhere = lab.dir.join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let kubeconfig = lab.state("kubeconfig").display().to_string();
    let only = "ready,api-server,etcd,pod,cron-job,deleted";
    let said = lab
        .command(
            "env",
            &[
                &path,
                &kprov().display().to_string(),
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
    let report = forms::valid(&fs::read_to_string(elsewhere.join("report.json")).unwrap());
    assert_eq!(report["failed"], 0, "{report:#}");
    let etcd = report["rows"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["step"] == "etcd");
    let etcd = etcd.unwrap_or_else(|| panic!("no etcd in {report:#}"));
    assert_eq!(
        (&etcd["mark"], &etcd["seen"]),
        (&"skip".into(), &"needs SSH to m-k8s".into())
    );
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
    let report = lab.report();
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
