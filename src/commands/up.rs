//! `kprov up`: makes the cluster, or what is missing of it, and proves that it works.

use super::lab::Lab;
use super::{made, next, power, runner, verify, world};
use crate::cli::{Format, Global, Resume, Up};
use crate::engine::Options;
use crate::error::{Exit, Result};
use crate::plan;
use crate::plan::verify::Subject;
use crate::spec::Provider;
use crate::t;
use crate::transport::Cancel;
use crate::ui::{self, Screen};

/// What a privileged container, systemd and the kubelet in it change of the kernel that they share.
const SHARED_SETTINGS: &str = "net.ipv4.ip_forward, net.bridge.bridge-nf-call-iptables, vm.overcommit_memory, \
                               kernel.panic, kernel.panic_on_oops";

/// Stays in the state directory from when a proof is begun until the cluster passes one: `up` owes it until then, also
/// where it finds nothing to change.
const OWED: &str = "proof-owed";

pub(super) fn run(global: &Global, options: &Up, screen: &Screen, cancel: &Cancel) -> Result<Exit> {
    let mut lab = Lab::open(global, screen, cancel)?;
    lab.not_renamed()?;
    // Before anything is looked for that only the other cluster would need.
    made::check(&lab.workdir, &lab.spec)?;
    lab.open_whole_pack(&options.supply, global, cancel)?;
    lab.workdir.create()?;
    let _lock = lab.workdir.lock("up")?;
    tell_of_removed(&lab, screen);
    super::doctor::before_up(&lab, &super::doctor::folder_of(&global.file), screen, cancel)?;
    if lab.provider == Provider::Docker && lab.workdir.read("provider").is_none() {
        screen.note(&t!("provider.docker-is-privileged", settings = SHARED_SETTINGS));
    }
    lab.settle_box(screen)?;
    lab.prepare(cancel)?;
    lab.learn_sums(cancel)?;
    if !options.dry_run {
        power::start_noted(&lab, &Subject::of(&lab.spec), global, screen, cancel)?;
    }
    let plan = plan::up::plan(&lab.spec, lab.provider, &lab.supplies())?;
    let ran = runner::run(
        &plan,
        &lab,
        global,
        Options {
            dry_run: options.dry_run,
        },
        screen,
        cancel,
    )?;
    let mut exit = ran.exit(Exit::StepFailed);
    if options.dry_run && exit == Exit::StepFailed && ran.report.summary.failed == 0 {
        // What a dry run cannot look at is still to be made, which is no failure.
        exit = Exit::Done;
    }
    let changed = ran.report.summary.changed > 0;
    let next = if exit == Exit::Done && !options.dry_run {
        next::after_up(&lab, global)
    } else {
        again(exit)
    };
    let owed = lab.workdir.read(OWED).is_some();
    let verifies = exit == Exit::Done && (changed || owed) && !options.no_verify && !options.dry_run;
    if global.format == Format::Text {
        let next = if verifies { Vec::new() } else { next.clone() };
        screen.say(&ui::summary::text(&ran.events, Some(&ran.logs), &next));
    }
    if !verifies {
        return Ok(exit);
    }
    lab.workdir.write(OWED, "")?;
    let exit = verify::core(&lab, global, screen, cancel)?;
    let next = match exit {
        Exit::Done => {
            lab.workdir.forget(OWED)?;
            next
        }
        Exit::Verification => next::after_failed_proof(global),
        _ => again(exit),
    };
    if !next.is_empty() && global.format == Format::Text {
        screen.say(&format!("\n{}", ui::summary::next_steps(&next)));
    }
    Ok(exit)
}

/// Tells of machines that were made from this folder and that the config file has no more.
pub(super) fn tell_of_removed(lab: &Lab, screen: &Screen) {
    if lab.provider == Provider::Ssh {
        return;
    }
    for node in world::vagrant(lab).known() {
        if lab.spec.node(&node).is_none() {
            let file = lab.file.display();
            screen.note(&t!("made.removed", node = node, file = file));
        }
    }
}

/// `kprov resume`: brings machines back that were switched off, slept or went back to a snapshot.
pub(super) fn resume(global: &Global, options: &Resume, screen: &Screen, cancel: &Cancel) -> Result<Exit> {
    let mut lab = Lab::open(global, screen, cancel)?;
    lab.need_state()?;
    if let Some(name) = &options.node {
        lab.node(name)?;
    }
    made::check(&lab.workdir, &lab.spec)?;
    // The machines have what they need already, whatever the pack lacks.
    lab.open_pack(&options.supply, cancel)?;
    let _lock = lab.workdir.lock("resume")?;
    lab.settle_box(screen)?;
    lab.prepare(cancel)?;
    lab.learn_sums(cancel)?;
    let only = options.node.as_deref().and_then(|name| lab.spec.node(name));
    let plan = plan::resume::plan(&lab.spec, lab.provider, &lab.supplies(), only)?;
    let ran = runner::run(&plan, &lab, global, Options::default(), screen, cancel)?;
    let exit = ran.exit(Exit::StepFailed);
    let next = if exit == Exit::Done {
        next::after_up(&lab, global)
    } else {
        again(exit)
    };
    if global.format == Format::Text {
        screen.say(&ui::summary::text(&ran.events, Some(&ran.logs), &next));
    }
    Ok(exit)
}

/// What a user does with a cluster that is not finished.
fn again(exit: Exit) -> Vec<String> {
    match exit {
        // Of one that was interrupted the summary says so.
        Exit::StepFailed => vec![t!("cli.next-again")],
        _ => Vec::new(),
    }
}
