//! Docker: its daemon, and the right to speak to it.

use super::Severity::{Stops, Warns};
use super::{Depth, Examination, release};

/// What only a daemon can answer.
pub(super) const VERSION: [&str; 3] = ["version", "--format", "{{.Server.Version}}"];

pub(super) fn check(examination: &mut Examination) {
    let Some(said) = examination.host.run("docker", &VERSION) else {
        return examination.find("KP-DOCKER-001", Stops, "docker");
    };
    if said.ok {
        kind(examination);
        cgroups(examination);
        if examination.depth == Depth::Full {
            leftovers(examination);
        }
        return;
    }
    let line = said.text.lines().rev().find(|line| !line.trim().is_empty());
    let seen = line.unwrap_or_default().trim().to_owned();
    let id = if said.text.contains("permission denied") {
        "KP-DOCKER-003"
    } else {
        "KP-DOCKER-002"
    };
    examination.find(id, Stops, seen);
}

/// Nodes are reached at their own addresses, and are privileged.
fn kind(examination: &mut Examination) {
    let question = "{{.OperatingSystem}} {{.SecurityOptions}}";
    let said = examination.host.run("docker", &["info", "--format", question]);
    let Some(said) = said.filter(|said| said.ok) else {
        return;
    };
    let seen = said.text.trim();
    if seen.contains("Docker Desktop") {
        examination.find("KP-DOCKER-006", Stops, seen);
    } else if seen.contains("name=rootless") {
        examination.find("KP-DOCKER-007", Stops, seen);
    }
}

/// From 1.35 on a kubelet refuses to run under cgroup v1 (kubernetes/kubernetes#134298).
fn cgroups(examination: &mut Examination) {
    let kubernetes = release::numbers(&examination.spec.kubernetes.to_string()).unwrap_or_default();
    if kubernetes.as_slice() < [1, 35].as_slice() {
        return;
    }
    let said = examination
        .host
        .run("docker", &["info", "--format", "{{.CgroupVersion}}"]);
    if said.is_some_and(|said| said.ok && said.text.trim() == "1") {
        let seen = format!("cgroup v1, Kubernetes {}", release::text(&kubernetes));
        examination.find("KP-DOCKER-005", Stops, seen);
    }
}

/// Containers with the mark of a cluster of this name, of which this folder has no state.
fn leftovers(examination: &mut Examination) {
    let spec = examination.spec;
    if examination.is_known() {
        return;
    }
    let mark = format!("label=kprov.cluster={}", spec.name);
    let said = examination.host.run(
        "docker",
        &["ps", "--all", "--filter", &mark, "--format", "{{.Names}}"],
    );
    let names = said
        .filter(|said| said.ok)
        .map(|said| said.text)
        .unwrap_or_default();
    if !names.trim().is_empty() {
        let names: Vec<&str> = names.split_whitespace().collect();
        let values = vec![("cluster", spec.name.to_string()), ("names", names.join(" "))];
        examination.find_with("KP-DOCKER-004", Warns, names.join(", "), values);
    }
}
