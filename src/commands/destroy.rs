//! `kprov destroy`: removes the cluster and everything that belongs to it, and nothing else.

use super::lab::Lab;
use super::state::other_name;
use super::{answer, merged, runner, world};
use crate::cli::{Format, Global};
use crate::engine::Options;
use crate::error::{Exit, Result};
use crate::plan;
use crate::spec::Provider;
use crate::t;
use crate::transport::Cancel;
use crate::ui::{self, Screen};

pub(super) fn run(global: &Global, screen: &Screen, cancel: &Cancel) -> Result<Exit> {
    let lab = Lab::open(global, screen, cancel)?;
    let known = lab.workdir.exists();
    // Containers and VirtualBox's machines carry a mark by which they are found also without the state directory.
    if !known && !world::vagrant(&lab).may_have_leftovers(cancel)? {
        say_nothing_is_there(&lab, screen);
        return Ok(Exit::Done);
    }
    lab.workdir.create()?;
    let lock = lab.workdir.lock("destroy")?;
    let question = t!(
        "cli.destroy-question",
        cluster = lab.spec.name,
        nodes = lab.spec.nodes.len()
    );
    if !global.yes && !answer::confirms(screen, &question, cancel) {
        screen.say(&t!("cli.not-destroyed"));
        return Ok(Exit::Interrupted);
    }
    let mut gone = if lab.provider == Provider::Ssh {
        let plan = plan::reset::plan(&lab.spec);
        let ran = runner::run(&plan, &lab, global, Options::default(), screen, cancel)?;
        let exit = ran.exit(Exit::StepFailed);
        if exit != Exit::Done {
            if global.format == Format::Text {
                screen.say(&ui::summary::text(
                    &ran.events,
                    Some(&ran.logs),
                    &[t!("cli.destroy-again")],
                ));
            }
            return Ok(exit);
        }
        lab.spec
            .nodes
            .iter()
            .map(|node| t!("cli.host-reset", node = node.name))
            .collect()
    } else {
        let verbose = screen.verbosity() > 0;
        let mut say = |line: &str| {
            if verbose {
                screen.say(line);
            }
        };
        // Vagrant takes seconds for each, and a question that was answered wants an answer.
        if known && global.format == Format::Text {
            screen.say(&t!("cli.destroying", cluster = lab.spec.name));
        }
        world::vagrant(&lab).destroy(cancel, &mut say)?
    };
    if !known && gone.is_empty() {
        drop(lock);
        lab.workdir.remove()?;
        say_nothing_is_there(&lab, screen);
        return Ok(Exit::Done);
    }
    match merged::take_out(&lab.workdir, &lab.spec.name) {
        Ok(false) => {
            if let Some(how) = merged::left(&lab.spec) {
                screen.note(&how);
            }
        }
        Ok(true) => gone.push(t!("cli.context", cluster = lab.spec.name)),
        Err(error) => screen.note(&t!(
            "merged.left",
            cluster = lab.spec.name,
            reason = error.message
        )),
    }
    // Windows removes no file that is open; another kprov finds no directory from here on.
    drop(lock);
    lab.workdir.remove()?;
    gone.push(t!("cli.state", dir = lab.workdir.root().display()));
    match global.format {
        Format::Text => screen.say(&t!(
            "cli.destroyed",
            cluster = lab.spec.name,
            what = gone.join(", ")
        )),
        Format::Json => screen.data(&format!("{}\n", serde_json::json!({ "removed": gone })))?,
    }
    Ok(Exit::Done)
}

/// Says that there is nothing of this cluster.
fn say_nothing_is_there(lab: &Lab, screen: &Screen) {
    screen.say(&t!(
        "cli.nothing-to-destroy",
        cluster = lab.spec.name,
        dir = lab.workdir.root().display()
    ));
    if let Some(other) = other_name(&lab.file, &lab.workdir) {
        screen.note(&other);
    }
}
