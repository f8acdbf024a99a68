//! `kprov check`: all mistakes of the config file at once.

use super::lab::{read_spec, same_version};
use super::pack_fits;
use crate::artifact::Pack;
use crate::cli::{Format, Global};
use crate::error::{Exit, Result};
use crate::spec::Role;
use crate::t;
use crate::ui::Screen;
use crate::ui::width::left;

pub(super) fn run(global: &Global, screen: &Screen) -> Result<Exit> {
    let spec = read_spec(&global.file, screen)?;
    // An archive is unpacked by the commands that use it, and looked at then.
    if let Some(folder) = spec.artifacts.pack.as_deref().filter(|pack| pack.is_dir()) {
        let pack = Pack::open(folder)?;
        same_version(&pack, &spec)?;
        pack_fits::check(&pack, &spec)?;
    }
    if global.format == Format::Json {
        let nodes: Vec<_> = spec
            .nodes
            .iter()
            .map(|node| {
                serde_json::json!({
                    "name": node.name, "role": node.role, "address": node.address,
                    "cpus": node.cpus, "memory_mib": node.memory_mib, "pods": node.pods.to_string(),
                })
            })
            .collect();
        let value = serde_json::json!({
            "cluster": spec.name, "kubernetes": spec.kubernetes.to_string(), "provider": spec.provider, "nodes": nodes,
        });
        screen.data(&format!("{value:#}\n"))?;
        return Ok(Exit::Done);
    }
    screen.say(&t!(
        "cli.checked",
        file = global.file.display(),
        cluster = spec.name,
        version = spec.kubernetes
    ));
    for node in &spec.nodes {
        let role = match node.role {
            Role::ControlPlane => t!("cli.control-plane"),
            Role::Worker => t!("cli.worker"),
        };
        screen.say(&t!(
            "cli.checked-node",
            name = left(node.name.as_str(), 12),
            role = left(&role, 14),
            address = format!("{:<15}", node.address),
            cpus = node.cpus,
            memory = node.memory_mib
        ));
    }
    Ok(Exit::Done)
}
