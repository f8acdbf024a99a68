//! The part of putting a computer right that kprov does itself: `kprov doctor --fix` and `--replan`.

use std::io::Write as _;
use std::path::Path;
use std::{fs, io};

use super::answer;
use crate::cli::Global;
use crate::doctor::{self, Finding, ThisHost};
use crate::error::{Error, Exit, Result};
use crate::spec::{self, Computer, Spec};
use crate::t;
use crate::transport::Cancel;
use crate::ui::Screen;
use crate::ui::width::{left, width};
use crate::workdir::{self, Workdir};

/// Where `VirtualBox` reads its ranges from.
const NETWORKS_CONF: &str = "/etc/vbox/networks.conf";

/// The one thing that is safe and that kprov can do: add the line that allows the lab's own range.
pub(super) fn fix(
    global: &Global,
    findings: &[Finding],
    spec: &Spec,
    screen: &Screen,
    cancel: &Cancel,
) -> Result<()> {
    if !findings.iter().any(|finding| finding.id == "KP-VBOX-008") {
        screen.say(&t!("doctor.nothing-to-fix"));
        return Ok(());
    }
    let path = Path::new(NETWORKS_CONF);
    let before = fs::read_to_string(path).unwrap_or_default();
    let line = spec::host_only_line(&spec::host_only_ranges_of(&before), spec.network.nodes);
    let question = t!("doctor.fix-question", line = line, path = NETWORKS_CONF);
    if !global.yes && !answer::confirms(screen, &question, cancel) {
        screen.say(&t!("doctor.not-changed"));
        return Ok(());
    }
    append(path, &before, &line).map_err(|error| {
        let command = format!("sudo mkdir -p /etc/vbox && echo '{line}' | sudo tee -a {NETWORKS_CONF}");
        Error::cannot_write(path, &error).hint(t!("doctor.fix-root", command = command))
    })?;
    screen.say(&t!("doctor.fixed", path = NETWORKS_CONF));
    Ok(())
}

/// Adds a line to a file, which keeps all that is in it.
fn append(path: &Path, before: &str, line: &str) -> io::Result<()> {
    fs::create_dir_all(path.parent().unwrap_or(path))?;
    let end = if before.is_empty() || before.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    let mut file = fs::File::options().create(true).append(true).open(path)?;
    file.write_all(format!("{end}{line}\n").as_bytes())
}

/// Moves the lab to a range that nobody uses, in the config file itself.
pub(super) fn replan(global: &Global, spec: &Spec, host: &ThisHost, screen: &Screen) -> Result<Exit> {
    let from = spec.network.nodes;
    if !doctor::network_collides(host, spec) {
        screen.say(&t!("doctor.no-replan", from = from));
        return Ok(Exit::Done);
    }
    let computer = Computer::this();
    let attached = computer.interfaces.iter().map(|interface| interface.net);
    let to = doctor::free_network(host, spec, &attached.collect::<Vec<_>>());
    let to = to.ok_or_else(|| Error::host(t!("doctor.no-free-network")))?;
    let cannot = |error: &io::Error| Error::cannot_write(&global.file, error);
    let text = fs::read_to_string(&global.file).map_err(|error| cannot(&error))?;
    let moved = spec::replan(&text, from, to);
    let planned = moved.and_then(|moved| Some((spec::parse(&global.file, &moved, &computer).ok()?, moved)));
    let (planned, moved) = planned.ok_or_else(|| Error::usage(t!("doctor.unreadable-after")))?;
    screen.say(&plan(spec, &planned));
    if Workdir::of(&global.file, &spec.name).exists() {
        screen.note(&t!("doctor.replan-made"));
    }
    let question = t!("doctor.replan-question", from = from, to = to);
    if !global.yes && !answer::confirms(screen, &question, host.cancel) {
        screen.say(&t!("doctor.not-changed"));
        return Ok(Exit::Interrupted);
    }
    workdir::replace(&global.file, moved.as_bytes()).map_err(|error| cannot(&error))?;
    screen.say(&t!("doctor.replanned", path = global.file.display(), to = to));
    Ok(Exit::Done)
}

/// Every address of the plan as it is and as it will be.
fn plan(before: &Spec, after: &Spec) -> String {
    let pool = |spec: &Spec| {
        let pool = spec.network.load_balancer.as_ref()?;
        Some(format!("{}-{}", pool.first, pool.last))
    };
    let nodes = before.nodes.iter().zip(&after.nodes);
    let nodes = nodes.map(|(old, new)| {
        let addresses = (old.address.to_string(), new.address.to_string());
        (old.name.to_string(), addresses)
    });
    let pools = pool(before).zip(pool(after));
    let pools = pools.map(|addresses| (t!("doctor.pool"), addresses));
    let rows: Vec<_> = nodes.chain(pools).collect();
    let names = rows.iter().map(|(name, _)| width(name)).max().unwrap_or_default();
    let olds = rows
        .iter()
        .map(|(_, (old, _))| width(old))
        .max()
        .unwrap_or_default();
    let lines = rows.iter().map(|(name, (old, new))| {
        let (name, old) = (left(name, names), left(old, olds));
        format!("  {name}  {old}  ->  {new}")
    });
    lines.collect::<Vec<_>>().join("\n")
}
