//! `kprov destroy NODE`: a worker leaves the cluster, and its machine is removed.

use super::lab::Lab;
use super::{answer, rendered, runner, world};
use crate::cli::{Format, Global};
use crate::engine::Options;
use crate::error::{Error, Exit, Result};
use crate::names::NodeName;
use crate::plan;
use crate::render;
use crate::spec::{Provider, Role};
use crate::t;
use crate::transport::Cancel;
use crate::ui::{self, Screen};

pub(super) fn run(global: &Global, name: &str, screen: &Screen, cancel: &Cancel) -> Result<Exit> {
    let lab = Lab::open(global, screen, cancel)?;
    lab.need_state()?;
    let node = worker(&lab, name)?;
    let _lock = lab.workdir.lock("destroy")?;
    if !global.yes && !answer::confirms(screen, &t!("remove.question", node = node), cancel) {
        screen.say(&t!("cli.not-destroyed"));
        return Ok(Exit::Interrupted);
    }
    let plan = plan::forget::farewell(&lab.spec, lab.provider, &node);
    let ran = runner::run(&plan, &lab, global, Options::default(), screen, cancel)?;
    // Where the cluster could not be asked, the node would stay in it for good.
    let exit = match ran.exit(Exit::StepFailed) {
        Exit::Done if ran.report.summary.skipped > 0 => Exit::StepFailed,
        exit => exit,
    };
    if exit != Exit::Done {
        if global.format == Format::Text {
            let next = [t!("remove.stays", node = node)];
            screen.say(&ui::summary::text(&ran.events, Some(&ran.logs), &next));
        }
        return Ok(exit);
    }
    let gone = world::vagrant(&lab).remove(&node, cancel)?;
    rendered::forget(&lab.workdir, &render::kubeadm_file(&node))?;
    match global.format {
        Format::Json => screen.data(&format!("{}\n", serde_json::json!({ "removed": gone })))?,
        Format::Text if gone.is_empty() => screen.say(&t!("remove.nothing", node = node)),
        Format::Text => screen.say(&t!("remove.done", what = gone.join(", "))),
    }
    if lab.spec.node(node.as_str()).is_some() {
        screen.note(&t!("remove.listed", node = node, file = lab.file.display()));
    }
    Ok(Exit::Done)
}

/// The worker of that name: of the config file, or one whose machine is left of an earlier one.
fn worker(lab: &Lab, name: &str) -> Result<NodeName> {
    if lab.spec.node(name).is_none() && lab.provider != Provider::Ssh {
        let known = world::vagrant(lab).known().into_iter();
        let left = known
            .filter(|known| known == name)
            .find_map(|known| NodeName::new(&known).ok());
        if let Some(node) = left {
            return Ok(node);
        }
    }
    let node = lab.node(name)?;
    if lab.provider == Provider::Ssh {
        let error = Error::usage(t!("remove.host", node = node.name));
        return Err(error.hint(t!("remove.host-hint", node = node.name)));
    }
    if node.role == Role::ControlPlane {
        let error = Error::usage(t!("remove.control-plane", node = node.name));
        return Err(error.hint(t!("remove.control-plane-hint")));
    }
    Ok(node.name.clone())
}
