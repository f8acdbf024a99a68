//! `kprov halt`: switches the machines off; `kprov resume` brings them back.

use super::lab::Lab;
use super::world;
use crate::cli::{Format, Global};
use crate::error::{Error, Exit, Result};
use crate::spec::Provider;
use crate::t;
use crate::transport::Cancel;
use crate::ui::Screen;

pub(super) fn run(global: &Global, screen: &Screen, cancel: &Cancel) -> Result<Exit> {
    let lab = Lab::open(global, screen, cancel)?;
    lab.need_state()?;
    if lab.provider == Provider::Ssh {
        return Err(Error::usage(t!("power.hosts-of-others")).hint(t!("power.hosts-of-others-hint")));
    }
    let _lock = lab.workdir.lock("halt")?;
    let halted = world::vagrant(&lab).halt(cancel, &mut |line| {
        if screen.verbosity() > 0 {
            screen.say(line);
        }
    })?;
    match global.format {
        Format::Text if halted.is_empty() => screen.say(&t!("power.nothing-to-halt")),
        Format::Text => screen.say(&t!("power.halted", nodes = halted.join(", "))),
        Format::Json => screen.data(&format!("{}\n", serde_json::json!({ "halted": halted })))?,
    }
    Ok(Exit::Done)
}
