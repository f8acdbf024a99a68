//! `kprov check`: all mistakes of the config file at once.

use super::boxes;
use super::lab::read_spec;
use super::pack_fits;
use super::supplies::same_version;
use crate::artifact::Pack;
use crate::cli::{Format, Global};
use crate::error::{Exit, Result};
use crate::platform;
use crate::spec::{Provider, Role, Spec};
use crate::t;
use crate::ui::Screen;
use crate::ui::width::left;

pub(super) fn run(global: &Global, screen: &Screen) -> Result<Exit> {
    let spec = read_spec(&global.file, screen)?;
    // An archive is unpacked by the commands that use it, and looked at then.
    if let Some(folder) = spec.artifacts.pack.as_deref().filter(|pack| pack.is_dir()) {
        let pack = Pack::open(folder, &|| false)?;
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
            "boxes": of_providers(&spec).map(|provider| (provider.name().to_owned(), serde_json::json!(spec.boxes(provider))))
                .collect::<serde_json::Map<_, _>>(),
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
    for provider in of_providers(&spec) {
        let mut names = spec.boxes(provider).iter().map(boxes::shown);
        if let Some(first) = names.next() {
            let (provider, arch) = (provider.name(), platform::arch());
            let others: Vec<_> = names.collect();
            screen.say(&if others.is_empty() {
                t!("boxes.taken", provider = provider, arch = arch, first = first)
            } else {
                let others = others.join(", ");
                t!(
                    "boxes.taken-or",
                    provider = provider,
                    arch = arch,
                    first = first,
                    others = others
                )
            });
        }
    }
    Ok(Exit::Done)
}

/// The providers that may make the machines, of a box.
fn of_providers(spec: &Spec) -> impl Iterator<Item = Provider> {
    let all = [Provider::Virtualbox, Provider::Libvirt].into_iter();
    all.filter(|provider| spec.provider.may_be(*provider) && !spec.boxes(*provider).is_empty())
}
