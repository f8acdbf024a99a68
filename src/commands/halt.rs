//! `kprov halt`: switches the machines off, or one of them; `kprov resume` brings them back.

use super::lab::Lab;
use super::world;
use crate::cli::{Format, Global, Halt};
use crate::error::{Error, Exit, Result};
use crate::provider::Machine;
use crate::spec::Provider;
use crate::t;
use crate::transport::Cancel;
use crate::ui::Screen;

pub(super) fn run(global: &Global, options: &Halt, screen: &Screen, cancel: &Cancel) -> Result<Exit> {
    let lab = Lab::open(global, screen, cancel)?;
    lab.need_state()?;
    if lab.provider == Provider::Ssh {
        return Err(Error::usage(t!("power.hosts-of-others")).hint(t!("power.hosts-of-others-hint")));
    }
    let node = options.node.as_deref().map(|name| lab.node(name)).transpose()?;
    let _lock = lab.workdir.lock("halt")?;
    let mut say = |line: &str| {
        if screen.verbosity() > 0 {
            screen.say(line);
        }
    };
    let vagrant = world::vagrant(&lab);
    let mut halted = vagrant.known();
    halted.retain(|name| node.is_none_or(|node| node.name.as_str() == name));
    if !halted.is_empty() {
        // What is off already is not switched off, and a machine of which nobody knows what it does may be on.
        let machines = vagrant.machines(cancel)?;
        halted.retain(|name| !matches!(machines.get(name), Some(Machine::Off | Machine::Missing)));
    }
    if !halted.is_empty() {
        vagrant.halt(node.map(|node| &node.name), cancel, &mut say)?;
    }
    match global.format {
        Format::Text if halted.is_empty() => screen.say(&t!("power.nothing-to-halt")),
        Format::Text => screen.say(&t!("power.halted", nodes = halted.join(", "))),
        Format::Json => screen.data(&format!("{}\n", serde_json::json!({ "halted": halted })))?,
    }
    Ok(Exit::Done)
}
