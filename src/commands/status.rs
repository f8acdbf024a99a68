//! `kprov status`: the nodes, whether they answer, and whether Kubernetes has them.

use std::collections::BTreeMap;

use super::lab::Lab;
use super::runner;
use crate::cli::{Format, Global, Supply};
use crate::engine::Options;
use crate::error::{Exit, Result};
use crate::event::Outcome;
use crate::plan;
use crate::t;
use crate::text::english;
use crate::transport::Cancel;
use crate::ui::Screen;
use crate::ui::width::left;

/// What a machine says of itself.
type System = BTreeMap<String, String>;

fn system(lines: &str) -> System {
    let values = lines.lines().filter_map(|line| line.split_once('='));
    values
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

pub(super) fn run(global: &Global, screen: &Screen, cancel: &Cancel) -> Result<Exit> {
    let mut lab = Lab::open(global, screen, cancel)?;
    lab.need_state()?;
    // Where programs came from at the last `up` is not kept, and a look must not need the internet: without a pack in
    // the config it is whether they run that is looked at, not which they are.
    if lab.spec.artifacts.pack.is_some() {
        lab.open_pack(&Supply::default())?;
    }
    // A dry run of `up` looks at everything that a status can be about, and changes nothing.
    let plan = plan::up::plan(&lab.spec, lab.provider, &lab.supplies())?;
    let quiet = Screen::std(crate::ui::Look {
        quiet: true,
        color: global.color,
        verbose: 0,
    });
    let text = Global {
        format: Format::Text,
        ..global.clone()
    };
    let ran = runner::run(&plan, &lab, &text, Options { dry_run: true }, &quiet, cancel)?;
    let mut rows = Vec::new();
    for node in &lab.spec.nodes {
        let own = ran
            .report
            .outcomes
            .iter()
            .filter(|(id, ..)| id.lane.as_str() == node.name.as_str());
        let wanting = own.clone().find_map(|(id, outcome, _)| match outcome {
            Outcome::Pending { reason } => Some((id.step.to_string(), reason.clone())),
            Outcome::Failed(failure) => Some((id.step.to_string(), failure.message.clone())),
            _ => None,
        });
        let fact = plan::guest_fact(&node.name);
        let found = ran.report.published.iter().find(|(name, _)| *name == fact);
        let system = found.map_or_else(System::new, |(_, lines)| system(lines));
        rows.push((node, wanting, system));
    }
    let exit = if rows.iter().all(|(_, wanting, _)| wanting.is_none()) {
        Exit::Done
    } else {
        Exit::StepFailed
    };
    if global.format == Format::Json {
        let nodes: Vec<_> = rows
            .iter()
            .map(|(node, wanting, system)| {
                serde_json::json!({
                    "name": node.name, "address": node.address, "role": node.role, "ok": wanting.is_none(),
                    "step": wanting.as_ref().map(|(step, _)| step), "reason": wanting.as_ref().map(|(_, reason)| english(reason)),
                    "system": (!system.is_empty()).then_some(system),
                })
            })
            .collect();
        screen.data(&format!(
            "{:#}\n",
            serde_json::json!({ "cluster": lab.spec.name, "nodes": nodes })
        ))?;
        return Ok(exit);
    }
    for (node, wanting, system) in rows {
        let state = match wanting {
            None => t!("cli.status-ok"),
            Some((step, reason)) => t!("cli.status-wanting", step = step, reason = reason),
        };
        let runs = match (system.get("name"), system.get("kernel")) {
            (Some(name), Some(kernel)) => format!("{name}, {kernel}"),
            _ => String::new(),
        };
        let line = format!(
            "{:<14} {:<15} {} {runs}",
            node.name,
            node.address,
            left(&state, 24)
        );
        screen.data(&format!("{}\n", line.trim_end()))?;
    }
    if exit != Exit::Done {
        screen.note(&t!("cli.status-hint"));
    }
    Ok(exit)
}
