//! `kprov plan`: the lanes of `up`, without touching anything.

use super::lab::Lab;
use super::made;
use crate::cli::{Format, Global, Supply};
use crate::error::{Exit, Result};
use crate::plan;
use crate::transport::Cancel;
use crate::ui::Screen;

pub(super) fn run(global: &Global, supply: &Supply, screen: &Screen, cancel: &Cancel) -> Result<Exit> {
    let mut lab = Lab::open(global, screen, cancel)?;
    made::check(&lab.workdir, &lab.spec)?;
    lab.open_whole_pack(supply, global, cancel)?;
    let plan = plan::up::plan(&lab.spec, lab.provider, &lab.supplies())?;
    match global.format {
        Format::Text => screen.data(&plan::to_text(&plan))?,
        Format::Json => {
            let lanes = serde_json::to_value(plan.outline()).unwrap_or_default();
            screen.data(&format!("{lanes:#}\n"))?;
        }
    }
    Ok(Exit::Done)
}
