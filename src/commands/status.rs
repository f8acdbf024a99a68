//! `kprov status`: the nodes, whether they answer, and whether Kubernetes has them.

use std::collections::BTreeMap;
use std::fs;

use super::lab::Lab;
use super::{runner, up, world};
use crate::cli::{Format, Global, Supply};
use crate::engine::{Options, Report};
use crate::error::{Exit, Result};
use crate::event::Outcome;
use crate::plan;
use crate::problems;
use crate::provider::Machine;
use crate::spec::{Node, Provider};
use crate::t;
use crate::text::english;
use crate::transport::Cancel;
use crate::ui::Screen;
use crate::ui::width::{left, width};

/// What is wanting on a node may take a whole line; the others' systems stand in their column all the same.
const STATE: usize = 24;

/// What a machine says of itself.
type System = BTreeMap<String, String>;

/// What is known of a node.
struct Row<'a> {
    node: &'a Node,
    /// The first step that does not hold, and why.
    wanting: Option<(String, String)>,
    system: System,
    /// What its provider says of a machine that does not answer.
    machine: Option<Machine>,
    /// What somebody does where only its SSH server is missing.
    without_server: Vec<String>,
}

/// The problem of a machine whose network answers and whose SSH server does not run.
const WITHOUT_SERVER: &str = "KP-SSH-101";

pub(super) fn run(global: &Global, screen: &Screen, cancel: &Cancel) -> Result<Exit> {
    let mut lab = Lab::open(global, screen, cancel)?;
    lab.need_state()?;
    // Where programs came from at the last `up` is not kept, and a look must not need the internet: without a pack in
    // the config it is whether they run that is looked at, not which they are.
    if lab.spec.artifacts.pack.is_some() {
        lab.open_pack(&Supply::default(), cancel)?;
    }
    // A dry run of `up` looks at everything that a status can be about, and changes nothing.
    let mut plan = plan::up::plan(&lab.spec, lab.provider, &lab.supplies())?;
    plan.command = "status";
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
    // All of it is shown here, and the logs of real work are kept for longer.
    let _ = fs::remove_dir_all(&ran.logs);
    if cancel.is_cancelled() {
        return Ok(Exit::Interrupted);
    }
    let mut rows: Vec<Row> = lab.spec.nodes.iter().map(|node| row(node, &ran.report)).collect();
    if lab.provider != Provider::Ssh && rows.iter().any(Row::is_silent) {
        // One that says nothing leaves it at what SSH says.
        let machines = world::vagrant(&lab).machines(cancel).unwrap_or_default();
        for row in rows.iter_mut().filter(|row| row.is_silent()) {
            row.machine = machines.get(row.node.name.as_str()).copied();
        }
    }
    for row in rows.iter_mut().filter(|row| row.has_no_server()) {
        row.without_server = world::without_server(&lab, row.node);
    }
    let exit = if rows.iter().all(|row| row.wanting.is_none()) {
        Exit::Done
    } else {
        Exit::StepFailed
    };
    match global.format {
        Format::Json => {
            let nodes: Vec<_> = rows.iter().map(Row::json).collect();
            let all = serde_json::json!({ "cluster": lab.spec.name, "nodes": nodes });
            screen.data(&format!("{all:#}\n"))?;
        }
        Format::Text => {
            let cells: Vec<_> = rows.iter().map(Row::cells).collect();
            let column = |at: usize| cells.iter().map(|own| width(&own[at])).max().unwrap_or(0);
            let columns = [column(0), column(1), column(2).min(STATE)];
            for (row, cells) in rows.iter().zip(&cells) {
                screen.data(&format!("{}\n", row.line(cells, columns)))?;
            }
            for hint in hints(&rows) {
                screen.note(&hint);
            }
            up::tell_of_removed(&lab, screen);
        }
    }
    Ok(exit)
}

fn row<'a>(node: &'a Node, report: &Report) -> Row<'a> {
    let mut own = report
        .outcomes
        .iter()
        .filter(|(id, ..)| id.lane.as_str() == node.name.as_str());
    let wanting = own.find_map(|(id, outcome, _)| match outcome {
        Outcome::Pending { reason } => Some((id.step.to_string(), reason.clone())),
        Outcome::Failed(failure) => Some((id.step.to_string(), failure.message.clone())),
        _ => None,
    });
    let fact = plan::guest_fact(&node.name);
    let found = report.published.iter().find(|(name, _)| *name == fact);
    let values = found.map_or("", |(_, lines)| lines).lines();
    let system = values
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    Row {
        node,
        wanting,
        system,
        machine: None,
        without_server: Vec::new(),
    }
}

/// What to do, once for all nodes that it helps.
fn hints(rows: &[Row]) -> Vec<String> {
    let named = |machine: Machine| {
        let rows = rows.iter().filter(|row| row.machine == Some(machine));
        let names: Vec<&str> = rows.map(|row| row.node.name.as_str()).collect();
        (!names.is_empty()).then(|| names.join(", "))
    };
    let mut hints = Vec::new();
    hints.extend(named(Machine::Off).map(|nodes| t!("cli.status-hint-off", nodes = nodes)));
    hints.extend(named(Machine::Missing).map(|nodes| t!("cli.status-hint-missing", nodes = nodes)));
    let other =
        |row: &Row| row.wanting.is_some() && !matches!(row.machine, Some(Machine::Off | Machine::Missing));
    if hints.is_empty() && rows.iter().any(|row| other(row) && row.without_server.is_empty()) {
        hints.push(t!("cli.status-hint"));
    }
    let starts: Vec<_> = rows.iter().flat_map(|row| row.without_server.clone()).collect();
    if !starts.is_empty() {
        hints.extend(starts);
        hints.push(t!("refused.more", problem = WITHOUT_SERVER));
    }
    hints
}

impl Row<'_> {
    /// Whether nobody answers at its address.
    fn is_silent(&self) -> bool {
        self.wanting.as_ref().is_some_and(|(step, _)| step == "boot")
    }

    /// Whether its machine runs, as far as can be seen, and only its SSH server does not.
    fn has_no_server(&self) -> bool {
        let reason = self.wanting.as_ref().filter(|_| self.is_silent());
        let problems = reason.map(|(_, reason)| problems::in_text(&english(reason)));
        let is_that = problems.is_some_and(|all| all.iter().any(|problem| problem.id == WITHOUT_SERVER));
        is_that && !matches!(self.machine, Some(Machine::Off | Machine::Missing))
    }

    /// What stands in the first three columns.
    fn cells(&self) -> [String; 3] {
        let state = match (&self.wanting, self.machine) {
            (None, _) => t!("cli.status-ok"),
            (_, Some(Machine::Off)) => t!("cli.status-off"),
            (_, Some(Machine::Missing)) => t!("cli.status-missing"),
            (Some((_, reason)), _) if !self.without_server.is_empty() => {
                t!("refused.status", reason = reason)
            }
            (Some((_, reason)), Some(Machine::On)) => t!("cli.status-silent", reason = reason),
            (Some((step, reason)), None) => t!("cli.status-wanting", step = step, reason = reason),
        };
        [self.node.name.to_string(), self.node.address.to_string(), state]
    }

    /// Those columns as wide as that, and the system that runs there.
    fn line(&self, cells: &[String; 3], columns: [usize; 3]) -> String {
        let runs = match (self.system.get("name"), self.system.get("kernel")) {
            (Some(name), Some(kernel)) => format!("{name}, {kernel}"),
            _ => String::new(),
        };
        let cell = |at: usize| left(&cells[at], columns[at]);
        let line = format!("{}  {}  {}  {runs}", cell(0), cell(1), cell(2));
        line.trim_end().to_owned()
    }

    fn json(&self) -> serde_json::Value {
        let wanting = self.wanting.as_ref();
        let machine = self.machine.map(|machine| match machine {
            Machine::On => "on",
            Machine::Off => "off",
            Machine::Missing => "missing",
        });
        serde_json::json!({
            "name": self.node.name, "address": self.node.address, "role": self.node.role, "ok": wanting.is_none(),
            "step": wanting.map(|(step, _)| step), "reason": wanting.map(|(_, reason)| english(reason)),
            "machine": machine, "system": (!self.system.is_empty()).then_some(&self.system),
        })
    }
}
