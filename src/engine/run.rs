//! One run: all lanes at once, then the lanes that come after whatever happened.

use std::thread;

use super::board::{Board, Gates};
use super::facts::Facts;
use super::lane::Walk;
use super::narrator::Narrator;
use super::sessions::Sessions;
use super::turns::Turns;
use super::{Cancel, FactName, Listener, NodeName, Options, Plan, Report, StepId, World, batch};
use crate::plan::{Action, Call, Lane, Source, Value};
use crate::t;
use crate::transport::{Hearer, Lost};

/// What all lanes of a run share.
pub(super) struct Shared<'a> {
    pub plan: &'a Plan,
    pub world: &'a dyn World,
    pub options: Options,
    pub narrator: Narrator<'a>,
    pub board: Board,
    pub facts: Facts,
    pub sessions: Sessions,
    pub turns: Turns,
}

pub(super) fn run<'a>(
    plan: &'a Plan,
    world: &'a dyn World,
    options: Options,
    cancel: &Cancel,
    listener: &'a mut dyn Listener,
) -> Report {
    let shared = Shared {
        plan,
        world,
        options,
        narrator: Narrator::new(listener, plan.proves),
        board: Board::new(boots(plan), world.first_boots_alone()),
        facts: Facts::default(),
        sessions: Sessions::default(),
        turns: Turns::new(plan.at_once),
    };
    shared
        .narrator
        .run_started(plan.command, plan.cluster.as_str(), plan.outline());
    walk_all(&shared, &plan.lanes, cancel);
    let interrupted = cancel.is_cancelled();
    shared.narrator.turn();
    // What has to be cleaned up is cleaned up also after Ctrl-C.
    walk_all(&shared, &plan.finally, &Cancel::default());
    let order: Vec<StepId> = plan
        .lanes
        .iter()
        .chain(&plan.finally)
        .flat_map(|lane| lane.steps.iter().map(|step| step.id(&lane.name)))
        .collect();
    let published = plan.facts.iter().filter_map(|fact| match fact.source {
        Source::Published(_) => Some((fact.name.clone(), shared.facts.published(&fact.name)?)),
        Source::Script(..) => None,
    });
    let published = published.collect();
    Report {
        published,
        ..shared.narrator.run_finished(&order, interrupted)
    }
}

/// The steps that boot machines, in order.
fn boots(plan: &Plan) -> Vec<StepId> {
    let steps = plan
        .lanes
        .iter()
        .flat_map(|lane| lane.steps.iter().map(move |step| (lane, step)));
    steps
        .filter(|(_, step)| matches!(step.action, Action::Boot(_)))
        .map(|(lane, step)| step.id(&lane.name))
        .collect()
}

fn walk_all(shared: &Shared, lanes: &[Lane], cancel: &Cancel) {
    thread::scope(|scope| {
        for lane in lanes {
            scope.spawn(move || Walk { shared, lane, cancel }.to_the_end());
        }
    });
}

impl Shared<'_> {
    /// The value of a fact, made now if nobody asked for it before.
    pub(super) fn fact(&self, name: &FactName, cancel: &Cancel) -> Result<String, String> {
        let missing = || t!("engine.fact-missing", fact = name);
        let fact = self.plan.fact(name).ok_or_else(missing)?;
        match &fact.source {
            Source::Published(step) => match self.board.wait(std::slice::from_ref(step), &[], cancel) {
                Gates::Hold(_) => self.facts.published(name).ok_or_else(missing),
                Gates::Broken(_) | Gates::Cancelled => Err(missing()),
            },
            Source::Script(node, call) => self.facts.get(name, || self.asked(name, node, call, cancel)),
        }
    }

    /// What a script on a node prints for a fact.
    fn asked(
        &self,
        name: &FactName,
        node: &NodeName,
        call: &Call,
        cancel: &Cancel,
    ) -> Result<String, String> {
        let unreachable = |why: String| t!("engine.fact-unreachable", fact = name, host = node, reason = why);
        let script = batch::fact_script(name.as_str(), call, &texts(&call.variables));
        let mut heard = Heard {
            facts: &self.facts,
            lines: Vec::new(),
        };
        let session = self.sessions.take(self.world, node, cancel);
        let mut session = session.map_err(|why| unreachable(why.to_string()))?;
        let mut ended = session.exec(&script, None, &mut heard, cancel);
        if matches!(ended, Err(Lost::Connection(_))) {
            // It may have been idle for minutes, and hardened servers close such a session.
            let again = self.world.connect(node, cancel);
            session = again.map_err(|why| unreachable(why.to_string()))?;
            ended = session.exec(&script, None, &mut heard, cancel);
        }
        let status = ended.map_err(|lost| unreachable(lost.to_string()))?;
        self.sessions.give_back(node, session);
        self.facts.published(name).ok_or_else(|| {
            let said = heard.lines.last().map_or("", String::as_str);
            t!(
                "engine.fact-failed",
                fact = name,
                host = node,
                status = status,
                said = said
            )
        })
    }
}

/// The variables whose values are known without asking anybody.
pub(super) fn texts(variables: &[(&'static str, Value)]) -> Vec<(&'static str, String)> {
    variables
        .iter()
        .filter_map(|(name, value)| match value {
            Value::Text(text) => Some((*name, text.clone())),
            Value::Fact(_) => None,
        })
        .collect()
}

/// Hears a script that makes a fact: its output is nobody's business but the fact's.
struct Heard<'a> {
    facts: &'a Facts,
    lines: Vec<String>,
}

impl Hearer for Heard<'_> {
    fn line(&mut self, line: &str) {
        match batch::fact_of(line) {
            Some((name, value)) => self.facts.publish(&name, value),
            None => self.lines.push(line.to_owned()),
        }
    }

    fn progress(&mut self, _: u64, _: u64) {}
}
