//! One thread's work: the steps of a lane, in order.

use std::time::{Duration, Instant};

use super::batch::{self, Item, Listening, Mode, Stop};
use super::board::{Gates, Place};
use super::narrator::Overheard;
use super::run::{Shared, texts};
use super::{Cancel, Failure, NodeName, Outcome, StepId, Unreachable};
use crate::error::Error;
use crate::plan::{Action, Call, Lane, Step, Value, Workstation};
use crate::t;
use crate::transport::{Lost, Payload};

/// How long a node that was reached before may be gone until its step fails.
const RECONNECT: Duration = Duration::from_secs(60);
/// How long a node may be silent at its own address until another way to it is tried.
const OTHERWISE: Duration = Duration::from_secs(20);
/// Pause between two attempts to reach a node.
const PAUSE: Duration = Duration::from_millis(100);

/// A lane on its way.
pub(super) struct Walk<'a, 'r> {
    pub shared: &'a Shared<'r>,
    pub lane: &'a Lane,
    pub cancel: &'a Cancel,
}

/// Why a lane ends early.
struct Ended;

/// What a step that has to be applied now has got from outside.
struct Primed {
    variables: Vec<(&'static str, String)>,
    payload: Option<Payload>,
}

impl Walk<'_, '_> {
    /// Walks the lane. Whatever happens, each of its steps has ended afterwards.
    pub(super) fn to_the_end(&self) {
        if self.walk().is_ok() {
            return;
        }
        let ended = |step: &&Step| self.shared.narrator.has_ended(&self.id(step));
        let because = match self.lane.steps.iter().rev().find(ended) {
            Some(step) if !self.cancel.is_cancelled() => t!("engine.needs", step = step.name),
            _ => t!("engine.interrupted"),
        };
        for step in self.lane.steps.iter().filter(|step| !ended(step)) {
            self.not_reached(&self.id(step), because.clone());
        }
    }

    fn walk(&self) -> Result<(), Ended> {
        let mut at = 0;
        let mut primed = None;
        while let Some(step) = self.lane.steps.get(at) {
            if self.cancel.is_cancelled() {
                return Err(Ended);
            }
            let done = match &step.action {
                Action::Boot(node) => self.boot(step, node).map(|()| at + 1),
                Action::Connect(node) => self.connect(step, node).map(|()| at + 1),
                Action::Workstation(work) => self.workstation(step, work).map(|()| at + 1),
                Action::Script(node, _) => self.scripts(at, node, primed.take()).map(|(next, given)| {
                    primed = given;
                    next
                }),
            };
            at = match done {
                Ok(next) => next,
                Err(Ended) if self.lane.independent => self.after_failure(at).ok_or(Ended)?,
                Err(Ended) => return Err(Ended),
            };
        }
        Ok(())
    }

    /// Where a lane of independent steps goes on: at the first step that has not ended.
    fn after_failure(&self, at: usize) -> Option<usize> {
        if self.cancel.is_cancelled() {
            return None;
        }
        let not_ended = |step: &Step| !self.shared.narrator.has_ended(&self.id(step));
        let next = self
            .lane
            .steps
            .iter()
            .position(not_ended)
            .unwrap_or(self.lane.steps.len());
        // A step that failed without an end of its own would be tried for ever.
        (next > at).then_some(next)
    }

    /// Runs as many of the script steps from `at` on as can go in one exec. Returns where to go on, and what
    /// that step got from outside.
    fn scripts(
        &self,
        at: usize,
        node: &NodeName,
        primed: Option<Primed>,
    ) -> Result<(usize, Option<Primed>), Ended> {
        let (mut payload, mut variables) = primed.map_or((None, None), |p| (p.payload, Some(p.variables)));
        let first = &self.lane.steps[at];
        if variables.is_none() && !self.shared.options.dry_run && !applies(first) {
            // There is nothing to look at before what it waits for holds.
            variables = Some(
                self.outside(first, call(first).expect("a script step"))?
                    .variables,
            );
        }
        if !self.shared.options.dry_run && !self.is_its_turn(first) {
            self.gates(first)?;
        }
        let mut items = Vec::new();
        for (offset, step) in self.lane.steps[at..].iter().enumerate() {
            let Some(call) = call(step).filter(|_| host(step) == Some(node)) else {
                break;
            };
            let Some(mode) = self.mode(step, call, offset == 0 && variables.is_some()) else {
                break;
            };
            items.push(Item {
                id: self.id(step),
                call,
                mode,
                patience: step.patience,
                hints: &step.hints,
                variables: if offset == 0 { variables.take() } else { None }
                    .unwrap_or_else(|| texts(&call.variables)),
            });
        }
        match self.exec(node, &items, payload.take()) {
            Ok(Stop::Done) => Ok((at + items.len(), None)),
            Ok(Stop::Failed) | Err(None) => Err(Ended),
            Ok(Stop::Needs(offset)) => {
                let step = &self.lane.steps[at + offset];
                let primed = self.outside(step, items[offset].call)?;
                Ok((at + offset, Some(primed)))
            }
            // The connection was lost at this step and is there again.
            Err(Some(offset)) => Ok((at + offset, None)),
        }
    }

    /// Whether the steps that have to be over before this one's check are.
    fn is_its_turn(&self, step: &Step) -> bool {
        self.shared.board.open(&[], &step.once_over).is_empty()
    }

    /// What the runner does with a step; `None` when the step cannot be part of this exec. `is_primed`
    /// says whether it got what it needs, which only the first step of an exec can.
    fn mode(&self, step: &Step, call: &Call, is_primed: bool) -> Option<Mode> {
        let free =
            self.shared.board.open(&step.after, &step.once_over).is_empty() && step.facts().next().is_none();
        match (applies(step), is_primed) {
            _ if self.shared.options.dry_run => Some(Mode::Look),
            _ if !self.is_its_turn(step) => None,
            (true, true) => Some(Mode::Now),
            (true, false) => Some(if free && call.payload.is_none() {
                Mode::Free
            } else {
                Mode::Hold
            }),
            (false, true) => Some(Mode::Wait),
            (false, false) => free.then_some(Mode::Wait),
        }
    }

    /// Waits for the gates of a step, asks for its facts and opens its payload.
    fn outside(&self, step: &Step, call: &Call) -> Result<Primed, Ended> {
        let id = self.id(step);
        self.gates(step)?;
        let mut variables = texts(&call.variables);
        for (name, value) in &call.variables {
            if let Value::Fact(fact) = value {
                let value = self
                    .shared
                    .fact(fact, self.cancel)
                    .map_err(|why| self.fail(&id, step, &why))?;
                variables.push((*name, value));
            }
        }
        let payload = match &call.payload {
            Some(path) => Some(
                self.shared
                    .world
                    .payload(path)
                    .map_err(|error| self.fail_with(&id, step, &error))?,
            ),
            None => None,
        };
        Ok(Primed { variables, payload })
    }

    /// Waits until the gates of a step hold. A step that has to wait begins when it need not any more.
    fn gates(&self, step: &Step) -> Result<(), Ended> {
        let id = self.id(step);
        let open = self.shared.board.open(&step.after, &step.once_over);
        if open.is_empty() {
            return Ok(());
        }
        self.shared.narrator.started(&id, None);
        let names: Vec<String> = open.iter().map(ToString::to_string).collect();
        self.shared
            .narrator
            .waiting(&id, &t!("engine.waits-for", steps = names.join(", ")));
        match self.shared.board.wait(&step.after, &step.once_over, self.cancel) {
            Gates::Hold(last) => {
                self.shared.narrator.started(&id, last);
                Ok(())
            }
            Gates::Broken(gate) => {
                self.not_reached(&id, t!("engine.needs", step = gate));
                Err(Ended)
            }
            Gates::Cancelled => Err(Ended),
        }
    }

    /// Sends one exec. `Err(Some(n))`: the connection was lost at item `n` and the node can be reached again.
    fn exec(&self, node: &NodeName, items: &[Item], payload: Option<Payload>) -> Result<Stop, Option<usize>> {
        let shared = self.shared;
        let first = &items[0].id;
        let mut session = match shared.sessions.take(shared.world, node) {
            Ok(session) => session,
            Err(_) => self.reconnect(node, first).map_err(|Ended| None)?,
        };
        let mut listening = Listening::new(
            items,
            node.as_str(),
            &shared.narrator,
            &shared.board,
            &shared.facts,
        );
        let script = batch::script(items, shared.plan.exclusive);
        match session.exec(&script, payload, &mut listening, self.cancel) {
            Ok(status) => {
                shared.sessions.give_back(node, session);
                Ok(listening.ended(status))
            }
            Err(Lost::Cancelled) => Err(None),
            Err(Lost::Payload(error)) => {
                let id = &items[listening.current].id;
                self.fail(id, self.step(id), &error.to_string());
                Err(None)
            }
            // It was lost when everything had been heard already: what has ended is not done again.
            Err(Lost::Connection(_)) if listening.stop.is_some() || listening.current == items.len() => {
                Ok(listening.ended(0))
            }
            Err(Lost::Connection(why)) => {
                let current = listening.current;
                let id = &items[current].id;
                shared
                    .narrator
                    .waiting(id, &t!("engine.connection-lost", host = node, reason = why));
                let session = self.reconnect(node, id).map_err(|Ended| None)?;
                shared.sessions.give_back(node, session);
                Err(Some(current))
            }
        }
    }

    fn reconnect(&self, node: &NodeName, id: &StepId) -> Result<Box<dyn crate::transport::Transport>, Ended> {
        let deadline = Instant::now() + RECONNECT;
        loop {
            match self.shared.world.connect(node) {
                Ok(session) => return Ok(session),
                Err(Unreachable::Never { message, hint }) => {
                    self.shared.narrator.started(id, None);
                    return Err(self.fail_hinted(id, self.step(id), &message, vec![hint]));
                }
                Err(Unreachable::NotYet(why)) if Instant::now() > deadline => {
                    self.shared.narrator.started(id, None);
                    return Err(self.fail(id, self.step(id), &why));
                }
                Err(Unreachable::NotYet(_)) => {}
            }
            if self.cancel.sleep(PAUSE) {
                return Err(Ended);
            }
        }
    }

    fn boot(&self, step: &Step, node: &NodeName) -> Result<(), Ended> {
        let (id, shared) = (self.id(step), self.shared);
        shared.narrator.started(&id, None);
        match shared.sessions.take(shared.world, node) {
            Ok(session) => {
                shared.sessions.give_back(node, session);
                self.hold(
                    &id,
                    Outcome::Unchanged {
                        reason: t!("engine.answers"),
                    },
                );
                return Ok(());
            }
            Err(Unreachable::Never { message, hint }) => {
                return Err(self.fail_hinted(&id, step, &message, vec![hint]));
            }
            Err(Unreachable::NotYet(reason)) if shared.options.dry_run => {
                shared.narrator.finished(&id, Outcome::Pending { reason });
                return Err(Ended);
            }
            Err(Unreachable::NotYet(reason)) => {
                shared
                    .narrator
                    .output(&id, &t!("engine.applying", reason = reason));
            }
        }
        self.gates(step)?;
        let places = shared.world.boot_parallelism();
        match shared.board.take_place(&id, places, self.cancel) {
            Place::Taken(released_by) => shared.narrator.started(&id, released_by),
            Place::Cancelled => return Err(Ended),
        }
        let booted = shared
            .world
            .boot(node, &mut |line| shared.narrator.output(&id, line));
        shared.board.leave_place(&id);
        match booted {
            Ok(()) => self.hold(
                &id,
                Outcome::Changed {
                    reason: t!("engine.booted"),
                },
            ),
            Err(_) if self.cancel.is_cancelled() => return Err(Ended),
            Err(error) => return Err(self.fail_with(&id, step, &error)),
        }
        Ok(())
    }

    fn connect(&self, step: &Step, node: &NodeName) -> Result<(), Ended> {
        let (id, shared) = (self.id(step), self.shared);
        shared.narrator.started(&id, None);
        let deadline = Instant::now() + step.patience;
        let mut otherwise = Instant::now() + OTHERWISE;
        let mut said = String::new();
        loop {
            let session = match shared.sessions.take(shared.world, node) {
                Err(Unreachable::NotYet(_)) if Instant::now() > otherwise => {
                    otherwise = Instant::now() + OTHERWISE;
                    shared.world.connect_otherwise(node)
                }
                other => other,
            };
            match session {
                Ok(session) => {
                    shared.sessions.give_back(node, session);
                    self.hold(
                        &id,
                        Outcome::Unchanged {
                            reason: t!("engine.answers"),
                        },
                    );
                    return Ok(());
                }
                Err(Unreachable::Never { message, hint }) => {
                    return Err(self.fail_hinted(&id, step, &message, vec![hint]));
                }
                Err(Unreachable::NotYet(reason)) if Instant::now() > deadline => {
                    let seconds = step.patience.as_secs();
                    let message = t!(
                        "engine.step-unmet",
                        step = step.name,
                        reason = reason,
                        seconds = seconds
                    );
                    return Err(self.fail(&id, step, &message));
                }
                Err(Unreachable::NotYet(reason)) => {
                    if reason != said {
                        shared.narrator.waiting(&id, &reason);
                        said = reason;
                    }
                }
            }
            if self.cancel.sleep(PAUSE) {
                return Err(Ended);
            }
        }
    }

    fn workstation(&self, step: &Step, work: &Workstation) -> Result<(), Ended> {
        let (id, shared) = (self.id(step), self.shared);
        if !shared.options.dry_run {
            self.gates(step)?;
        }
        shared.narrator.started(&id, None);
        let fact = |name: &super::FactName| shared.fact(name, self.cancel).ok();
        let look = || shared.world.workstation_check(work, &fact);
        let mut seen = look();
        if shared.options.dry_run {
            let outcome = match seen {
                Ok(reason) => Outcome::Unchanged { reason },
                Err(reason) => Outcome::Pending { reason },
            };
            self.hold(&id, outcome);
            return Ok(());
        }
        let mut applied = false;
        let mut said = String::new();
        let mut deadline = Instant::now() + step.patience;
        loop {
            let reason = match seen {
                Ok(reason) if applied => {
                    self.hold(&id, Outcome::Changed { reason });
                    return Ok(());
                }
                Ok(reason) => {
                    self.hold(&id, Outcome::Unchanged { reason });
                    return Ok(());
                }
                Err(reason) => reason,
            };
            if work.applies() && !applied {
                applied = true;
                let hearer = &mut Overheard {
                    narrator: &shared.narrator,
                    id: &id,
                };
                if let Err(error) = shared.world.workstation_apply(work, &fact, hearer) {
                    return Err(if self.cancel.is_cancelled() {
                        Ended
                    } else {
                        self.fail_with(&id, step, &error)
                    });
                }
                deadline = Instant::now() + step.patience;
            } else {
                if Instant::now() > deadline {
                    let seconds = step.patience.as_secs();
                    let message = t!(
                        "engine.step-unmet",
                        step = step.name,
                        reason = reason,
                        seconds = seconds
                    );
                    return Err(self.fail(&id, step, &message));
                }
                if reason != said {
                    shared.narrator.waiting(&id, &reason);
                    said = reason;
                }
                if self.cancel.sleep(PAUSE) {
                    return Err(Ended);
                }
            }
            seen = look();
        }
    }

    /// The step of this lane that has this name.
    fn step(&self, id: &StepId) -> &Step {
        let named = |step: &&Step| step.name == id.step;
        self.lane.steps.iter().find(named).unwrap_or(&self.lane.steps[0])
    }

    fn id(&self, step: &Step) -> StepId {
        step.id(&self.lane.name)
    }

    fn hold(&self, id: &StepId, outcome: Outcome) {
        self.shared.narrator.finished(id, outcome);
        self.shared.board.settle(id, true);
    }

    fn not_reached(&self, id: &StepId, because: String) {
        self.shared.narrator.finished(id, Outcome::NotReached { because });
        self.shared.board.settle(id, false);
    }

    fn fail(&self, id: &StepId, step: &Step, message: &str) -> Ended {
        self.fail_hinted(id, step, message, Vec::new())
    }

    fn fail_with(&self, id: &StepId, step: &Step, error: &Error) -> Ended {
        let mut message = error.message.clone();
        for cause in &error.causes {
            message = format!("{message}: {cause}");
        }
        let failure = Failure {
            message,
            host: host_of(step),
            command: None,
            status: None,
            last_lines: error.evidence.clone(),
            hints: error.hints.iter().chain(&step.hints).cloned().collect(),
        };
        self.end(id, failure)
    }

    fn fail_hinted(&self, id: &StepId, step: &Step, message: &str, hints: Vec<String>) -> Ended {
        let failure = Failure {
            message: message.to_owned(),
            host: host_of(step),
            command: None,
            status: None,
            last_lines: Vec::new(),
            hints: hints.into_iter().chain(step.hints.iter().cloned()).collect(),
        };
        self.end(id, failure)
    }

    fn end(&self, id: &StepId, failure: Failure) -> Ended {
        self.shared.narrator.finished(id, Outcome::Failed(failure));
        self.shared.board.settle(id, false);
        Ended
    }
}

/// Where a step happens, in the user's language.
fn host_of(step: &Step) -> String {
    host(step).map_or_else(|| t!("engine.this-computer"), ToString::to_string)
}

fn call(step: &Step) -> Option<&Call> {
    match &step.action {
        Action::Script(_, call) => Some(call),
        _ => None,
    }
}

fn host(step: &Step) -> Option<&NodeName> {
    match &step.action {
        Action::Script(node, _) | Action::Boot(node) | Action::Connect(node) => Some(node),
        Action::Workstation(_) => None,
    }
}

fn applies(step: &Step) -> bool {
    call(step).is_some_and(|call| call.script.applies())
}
