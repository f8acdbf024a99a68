//! `kprov snapshot`: the machines as they were at some time, all of them under one name.

use std::collections::BTreeMap;

use super::lab::Lab;
use super::{up, world};
use crate::cli::{Format, Global, Resume, SnapshotCommand};
use crate::error::{Error, Exit, Result};
use crate::provider::{self, Snapshot};
use crate::spec::Provider;
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
        let provider = provider::name(lab.provider);
        return Err(
            Error::usage(t!("power.no-snapshots", provider = provider)).hint(t!("power.no-snapshots-hint"))
        );
    }
    lab.need_state()?;
    let vagrant = world::vagrant(&lab);
    let what = match command {
        SnapshotCommand::List => return list(global, &vagrant.snapshots(cancel)?, screen),
        SnapshotCommand::Save { name } => Snapshot::Save(checked(name)?),
        SnapshotCommand::Restore { name, .. } => Snapshot::Restore(checked(name)?),
        SnapshotCommand::Delete { name } => Snapshot::Delete(checked(name)?),
    };
    {
        let _lock = lab.workdir.lock("snapshot")?;
        let mut say = |line: &str| {
            if screen.verbosity() > 0 {
                screen.say(line);
            }
        };
        vagrant.snapshot(what, cancel, &mut say)?;
    }
    let text = match command {
        SnapshotCommand::Restore { name, supply } => {
            screen.say(&t!("power.restored", name = name));
            let all = Resume {
                node: None,
                supply: supply.clone(),
            };
            return up::resume(global, &all, screen, cancel);
        }
        SnapshotCommand::Save { name } => t!("power.saved", name = name),
        _ => t!("power.deleted"),
    };
    screen.say(&text);
    Ok(Exit::Done)
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

fn list(global: &Global, snapshots: &BTreeMap<String, Vec<String>>, screen: &Screen) -> Result<Exit> {
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
