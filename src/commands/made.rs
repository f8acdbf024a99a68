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

/// Notes what the config says, as long as there is no cluster made with something else.
///
/// # Errors
/// When there is one: with what differs.
pub(super) fn note(workdir: &Workdir, spec: &Spec) -> Result<()> {
    let now = lines(spec);
    let before: Vec<(String, String)> = workdir
        .read(FILE)
        .unwrap_or_default()
        .lines()
        .filter_map(|line| line.split_once(" = "))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    if workdir.path(kubeconfig::FILE).is_file() {
        let differs: Vec<String> = now
            .iter()
            .filter_map(|(key, value)| {
                let (_, old) = before.iter().find(|(known, _)| known == key)?;
                (old != value).then(|| t!("made.differs", key = key, old = old, new = value))
            })
            .collect();
        if !differs.is_empty() {
            let text = t!("made.changed", file = spec.file.display(), cluster = spec.name);
            return Err(Error::usage(text).reasons(differs).hint(t!("made.changed-hint")));
        }
    }
    let lines: Vec<String> = now
        .iter()
        .map(|(key, value)| format!("{key} = {value}"))
        .collect();
    workdir.write(FILE, &(lines.join("\n") + "\n")).map(drop)
}
