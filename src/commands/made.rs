//! What a finished cluster was made with: what kprov does not change in it afterwards.
//!
//! Programs and settings of the nodes would follow the file, while the control plane stays what it is; and a cluster
//! of which one half was changed helps nobody.

use super::kubeconfig;
use crate::error::{Error, Result};
use crate::spec::Spec;
use crate::t;
use crate::workdir::Workdir;

/// Its name in the state directory.
const FILE: &str = "made-with";

/// What the config says now, a line each: what it is called, and its value.
fn lines(spec: &Spec) -> Vec<(String, String)> {
    let network = &spec.network;
    let mut lines: Vec<(String, String)> = [
        ("kubernetes", spec.kubernetes.to_string()),
        ("runtime", spec.runtime.name().to_owned()),
        ("cni", network.cni.name().to_owned()),
        ("pods", network.pods.to_string()),
        ("services", network.services.to_string()),
        ("dns_domain", network.dns_domain.clone()),
    ]
    .map(|(key, value)| (key.to_owned(), value))
    .into();
    lines.extend(
        spec.nodes
            .iter()
            .map(|node| (format!("{} address", node.name), node.address.to_string())),
    );
    lines
}

/// Sees that no cluster is there which was made with something else.
///
/// # Errors
/// When there is one: with what differs.
pub(super) fn check(workdir: &Workdir, spec: &Spec) -> Result<()> {
    if !workdir.path(kubeconfig::FILE).is_file() {
        return Ok(());
    }
    let before: Vec<(String, String)> = workdir
        .read(FILE)
        .unwrap_or_default()
        .lines()
        .filter_map(|line| line.split_once(" = "))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    let differs: Vec<String> = lines(spec)
        .into_iter()
        .filter_map(|(key, value)| {
            let (_, old) = before.iter().find(|(known, _)| *known == key)?;
            (*old != value).then(|| t!("made.differs", key = key, old = old, new = value))
        })
        .collect();
    if differs.is_empty() {
        return Ok(());
    }
    let text = t!("made.changed", file = spec.file.display(), cluster = spec.name);
    Err(Error::usage(text).reasons(differs).hint(t!("made.changed-hint")))
}

/// Notes what the config says.
///
/// # Errors
/// When there is a cluster that was made with something else.
pub(super) fn note(workdir: &Workdir, spec: &Spec) -> Result<()> {
    check(workdir, spec)?;
    let lines: Vec<String> = lines(spec)
        .iter()
        .map(|(key, value)| format!("{key} = {value}"))
        .collect();
    workdir.write(FILE, &(lines.join("\n") + "\n")).map(drop)
}
