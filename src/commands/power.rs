//! The node that a verification stops: noted before it is switched off, so that it is switched on again whatever
//! becomes of kprov meanwhile.

use super::lab::Lab;
use super::runner;
use crate::cli::Global;
use crate::engine::Options;
use crate::error::Result;
use crate::names::NodeName;
use crate::plan::verify::{Subject, recovery};
use crate::t;
use crate::transport::Cancel;
use crate::ui::Screen;
use crate::workdir::Workdir;

/// The file that names the node.
const NOTE: &str = "stopped-by-verify";

/// Notes that a node is going to be stopped.
pub(super) fn note(workdir: &Workdir, node: &NodeName) -> Result<()> {
    workdir.write(NOTE, &format!("{node}\n")).map(drop)
}

/// The node answers again.
pub(super) fn forget(workdir: &Workdir, node: &NodeName) -> Result<()> {
    if !is_noted(workdir, node) {
        return Ok(());
    }
    workdir.forget(NOTE)
}

/// Whether this node was going to be stopped, and has not been started since.
pub(super) fn is_noted(workdir: &Workdir, node: &NodeName) -> bool {
    noted(workdir).as_deref() == Some(node.as_str())
}

fn noted(workdir: &Workdir) -> Option<String> {
    let text = workdir.read(NOTE)?;
    Some(text.trim().to_owned()).filter(|node| !node.is_empty())
}

/// Starts what an earlier verification stopped and could not start again, because it was killed.
pub(super) fn bring_back(
    lab: &Lab,
    subject: &Subject,
    global: &Global,
    screen: &Screen,
    cancel: &Cancel,
) -> Result<()> {
    if noted(&lab.workdir).is_none() {
        return Ok(());
    }
    match lab.workdir.lock("verify") {
        Ok(_lock) => start_noted(lab, subject, global, screen, cancel),
        // Whoever works on the cluster now starts it: that verification itself, or `up`.
        Err(_) => Ok(()),
    }
}

/// The same for who has the lock. Before anything else: a node that answers may still be on its way down.
pub(super) fn start_noted(
    lab: &Lab,
    subject: &Subject,
    global: &Global,
    screen: &Screen,
    cancel: &Cancel,
) -> Result<()> {
    let Some(node) = noted(&lab.workdir) else {
        return Ok(());
    };
    if let Some(plan) = recovery(subject, &node) {
        screen.say(&t!("power.was-stopped", node = node));
        // What comes of it, the checks of the nodes tell.
        runner::run(&plan, lab, global, Options::default(), screen, cancel)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::names::ClusterName;

    #[test]
    fn only_the_node_that_was_noted_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let config: &Path = &folder.path().join("cluster.toml");
        let workdir = Workdir::of(config, &ClusterName::new("k8s-lab").unwrap());
        workdir.create().unwrap();
        let (one, two) = (NodeName::new("w1-k8s").unwrap(), NodeName::new("w2-k8s").unwrap());
        forget(&workdir, &one).unwrap();
        note(&workdir, &two).unwrap();
        forget(&workdir, &one).unwrap();
        assert_eq!(noted(&workdir).as_deref(), Some("w2-k8s"));
        forget(&workdir, &two).unwrap();
        assert_eq!(noted(&workdir), None);
    }
}
