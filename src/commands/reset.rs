//! `kprov reset`: a cluster that was broken is taken off the nodes; `kprov up` makes a new one on the same machines.

use super::lab::Lab;
use super::{answer, kubeconfig, next, runner};
use crate::cli::{Format, Global, Reset};
use crate::engine::Options;
use crate::error::{Error, Exit, Result};
use crate::plan;
use crate::spec::{Node, Role};
use crate::t;
use crate::transport::Cancel;
use crate::ui::{self, Screen};

pub(super) fn run(global: &Global, options: &Reset, screen: &Screen, cancel: &Cancel) -> Result<Exit> {
    let lab = Lab::open(global, screen, cancel)?;
    lab.need_state()?;
    let only = options
        .node
        .as_deref()
        .map(|name| worker(&lab, name))
        .transpose()?;
    let _lock = lab.workdir.lock("reset")?;
    let question = match only {
        None => t!(
            "reset.question",
            cluster = lab.spec.name,
            nodes = lab.spec.nodes.len()
        ),
        Some(node) => t!("reset.question-one", node = node.name),
    };
    if !options.dry_run && !global.yes && !answer::confirms(screen, &question, cancel) {
        screen.say(&t!("reset.left-alone"));
        return Ok(Exit::Interrupted);
    }
    let plan = plan::forget::plan(&lab.spec, lab.provider, only);
    let looks = Options {
        dry_run: options.dry_run,
    };
    let ran = runner::run(&plan, &lab, global, looks, screen, cancel)?;
    let summary = &ran.report.summary;
    let exit = match ran.exit(Exit::StepFailed) {
        // What a dry run cannot look at is still to be done, which is no failure.
        Exit::StepFailed if options.dry_run && summary.failed == 0 => Exit::Done,
        exit => exit,
    };
    if only.is_none() && !options.dry_run {
        // The way into a cluster that is no more.
        kubeconfig::remove(&lab.workdir)?;
    }
    if global.format == Format::Text {
        let next = match (exit, only) {
            _ if options.dry_run => Vec::new(),
            (Exit::Done, None) => vec![t!("reset.next", command = next::typed(global, "up"))],
            (Exit::Done, Some(node)) => vec![t!(
                "reset.next-one",
                command = next::typed(global, "up"),
                node = node.name
            )],
            _ => vec![t!("reset.again", command = next::typed(global, "reset"))],
        };
        screen.say(&ui::summary::text(&ran.events, Some(&ran.logs), &next));
    }
    Ok(exit)
}

/// The worker of that name. A control plane does not go alone: the cluster is in it, or in it and others.
fn worker<'a>(lab: &'a Lab, name: &str) -> Result<&'a Node> {
    let node = lab.node(name)?;
    if node.role == Role::Worker {
        return Ok(node);
    }
    let error = Error::usage(t!("reset.control-plane", node = node.name));
    Err(if node.name == lab.spec.first_control_plane().name {
        error.hint(t!("reset.control-plane-hint"))
    } else {
        error.hint(t!("reset.other-control-plane-hint", node = node.name))
    })
}
