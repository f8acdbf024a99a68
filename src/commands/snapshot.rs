//! `kprov snapshot`: the machines as they were at some time, all of them under one name.

use std::collections::BTreeMap;

use super::lab::Lab;
use super::{up, world};
use crate::cli::{Format, Global, Resume, SnapshotCommand};
use crate::error::{Error, Exit, Result};
use crate::provider::Snapshot;
use crate::spec::{Node, Provider, Role, Spec};
use crate::t;
use crate::transport::Cancel;
use crate::ui::Screen;

pub(super) fn run(
    global: &Global,
    command: &SnapshotCommand,
    screen: &Screen,
    cancel: &Cancel,
) -> Result<Exit> {
    let lab = Lab::open(global, screen, cancel)?;
    if !matches!(lab.provider, Provider::Virtualbox | Provider::Libvirt) {
        let provider = lab.provider.name();
        return Err(
            Error::usage(t!("power.no-snapshots", provider = provider)).hint(t!("power.no-snapshots-hint"))
        );
    }
    lab.need_state()?;
    let vagrant = world::vagrant(&lab);
    let name = match command {
        SnapshotCommand::List => return list(global, &vagrant.snapshots(cancel)?, screen),
        SnapshotCommand::Save { name }
        | SnapshotCommand::Restore { name, .. }
        | SnapshotCommand::Delete { name } => checked(name)?,
    };
    let nodes = {
        let _lock = lab.workdir.lock("snapshot")?;
        let mut say = |line: &str| {
            if screen.verbosity() > 0 {
                screen.say(line);
            }
        };
        // Vagrant takes one machine after the other and stops at the first that it cannot do.
        let taken = vagrant.snapshots(cancel)?;
        let made = vagrant.known();
        let (what, nodes) = match command {
            SnapshotCommand::Save { .. } => (Snapshot::Save(name), to_save(&lab.spec, &taken, &made, name)?),
            SnapshotCommand::Restore { .. } => {
                (Snapshot::Restore(name), to_restore(&lab.spec, &taken, name)?)
            }
            _ => (Snapshot::Delete(name), having(&taken, name)?),
        };
        let all = made.len() == nodes.len() && lab.spec.nodes.len() == nodes.len();
        vagrant.snapshot(what, (!all).then_some(&nodes), cancel, &mut say)?;
        let others: Vec<String> = made.into_iter().filter(|node| !nodes.contains(node)).collect();
        if matches!(what, Snapshot::Restore(_)) && !others.is_empty() {
            screen.note(&t!(
                "power.snapshot-lacks",
                nodes = others.join(", "),
                name = name
            ));
        }
        nodes.join(", ")
    };
    let text = match command {
        SnapshotCommand::Restore { supply, .. } => {
            screen.say(&t!("power.restored", name = name, nodes = nodes));
            let all = Resume {
                node: None,
                supply: supply.clone(),
            };
            return up::resume(global, &all, screen, cancel);
        }
        SnapshotCommand::Save { .. } => t!("power.saved", name = name, nodes = nodes),
        _ => t!("power.deleted"),
    };
    screen.say(&text);
    Ok(Exit::Done)
}

/// The snapshots that there are, each with the machines that have it.
type Taken = BTreeMap<String, Vec<String>>;

/// The machines of which a new snapshot is taken: all that were made.
fn to_save(spec: &Spec, taken: &Taken, made: &[String], name: &str) -> Result<Vec<String>> {
    if let Some(nodes) = taken.get(name) {
        return Err(
            Error::usage(t!("power.snapshot-there", name = name, nodes = nodes.join(", ")))
                .hint(t!("power.snapshot-there-hint", name = name)),
        );
    }
    let nodes: Vec<String> = made
        .iter()
        .filter(|node| spec.node(node).is_some())
        .cloned()
        .collect();
    if nodes.is_empty() {
        return Err(Error::usage(t!("power.no-machine")).hint(t!("cli.no-cluster-hint")));
    }
    Ok(nodes)
}

/// The machines that go back. A worker without the snapshot, which came later, finds its place again; the cluster that
/// is in the control planes goes back as one.
fn to_restore(spec: &Spec, taken: &Taken, name: &str) -> Result<Vec<String>> {
    let nodes = having(taken, name)?;
    let lacks = |node: &&Node| node.role == Role::ControlPlane && !nodes.contains(&node.name.to_string());
    match spec.nodes.iter().find(lacks) {
        None => Ok(nodes),
        Some(node) => Err(
            Error::usage(t!("power.snapshot-partial", name = name, node = node.name))
                .hint(t!("power.snapshot-partial-hint")),
        ),
    }
}

/// The machines that have the snapshot.
fn having(taken: &Taken, name: &str) -> Result<Vec<String>> {
    taken.get(name).cloned().ok_or_else(|| {
        let names: Vec<&str> = taken.keys().map(String::as_str).collect();
        let hint = if names.is_empty() {
            t!("power.no-snapshot-yet")
        } else {
            t!("power.no-such-snapshot-hint", names = names.join(", "))
        };
        Error::usage(t!("power.no-such-snapshot", name = name)).hint(hint)
    })
}

/// A name that is no option and no path, for Vagrant and for the provider behind it.
fn checked(name: &str) -> Result<&str> {
    let right = name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    if right {
        return Ok(name);
    }
    Err(Error::usage(t!("power.snapshot-name", name = name)))
}

fn list(global: &Global, snapshots: &Taken, screen: &Screen) -> Result<Exit> {
    if global.format == Format::Json {
        screen.data(&format!("{}\n", serde_json::json!({ "snapshots": snapshots })))?;
        return Ok(Exit::Done);
    }
    if snapshots.is_empty() {
        screen.say(&t!("power.no-snapshot-yet"));
    }
    for (name, nodes) in snapshots {
        screen.data(&format!("{name}  {}\n", nodes.join(", ")))?;
    }
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{self, Computer};

    fn spec() -> Spec {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("cluster.toml");
        let config = "[cluster]\nname = \"lab\"\nkubernetes = \"1.20.2\"\n[network]\nnodes = \"192.168.56.0/24\"\n\
                      [workers]\ncount = 1\n";
        std::fs::write(&file, config).unwrap();
        spec::read(&file, &Computer::default()).unwrap()
    }

    fn taken(nodes: &[&str]) -> Taken {
        let nodes = nodes.iter().map(ToString::to_string).collect();
        [("monday".to_owned(), nodes)].into()
    }

    fn made() -> Vec<String> {
        ["m-k8s", "w1-k8s", "w9-k8s"].map(str::to_owned).to_vec()
    }

    #[test]
    fn a_snapshot_is_taken_of_what_is_made_and_takes_no_place_of_another() {
        let nodes = to_save(&spec(), &Taken::new(), &made(), "monday").unwrap();
        assert_eq!(nodes, ["m-k8s", "w1-k8s"], "w9-k8s is not in the config any more");
        let error = to_save(&spec(), &taken(&["m-k8s"]), &made(), "monday").unwrap_err();
        assert!(error.message.contains("m-k8s"), "{error:?}");
        assert!(
            error.hints[0].contains("kprov snapshot delete monday"),
            "{error:?}"
        );
        let error = to_save(&spec(), &Taken::new(), &[], "monday").unwrap_err();
        assert_eq!(error.exit, Exit::Usage);
    }

    #[test]
    fn workers_may_lack_a_snapshot_and_control_planes_may_not() {
        let nodes = to_restore(&spec(), &taken(&["m-k8s"]), "monday").unwrap();
        assert_eq!(nodes, ["m-k8s"]);
        let error = to_restore(&spec(), &taken(&["w1-k8s"]), "monday").unwrap_err();
        assert!(error.message.contains("m-k8s"), "{error:?}");
    }

    #[test]
    fn who_names_no_snapshot_learns_which_there_are() {
        let error = having(&taken(&["m-k8s"]), "tuesday").unwrap_err();
        assert!(
            error.message.contains("tuesday") && error.hints[0].contains("monday"),
            "{error:?}"
        );
        assert_eq!(
            having(&Taken::new(), "tuesday").unwrap_err().hints,
            [t!("power.no-snapshot-yet")]
        );
    }
}
