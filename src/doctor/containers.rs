//! Docker: its daemon, and the right to speak to it.

use super::Examination;
use super::Severity::Stops;

pub(super) fn check(examination: &mut Examination) {
    let Some(said) = examination
        .host
        .run("docker", &["version", "--format", "{{.Server.Version}}"])
    else {
        return examination.find("KP-DOCKER-001", Stops, "docker");
    };
    if said.ok {
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
