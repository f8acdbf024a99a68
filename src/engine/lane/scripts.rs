//! Scripts on a node: as many in one exec as nothing from outside is needed for.

use super::{Ended, Walk, host};
use crate::engine::NodeName;
use crate::engine::batch::{self, Item, Listening, Mode, Stop};
use crate::engine::run::texts;
use crate::plan::{Action, Call, Step, Value};
use crate::t;
use crate::transport::{Lost, Payload};

/// What a step that has to be applied now has got from outside.
pub(super) struct Primed {
    variables: Vec<(&'static str, String)>,
    payload: Option<Payload>,
}

impl Walk<'_, '_> {
    /// Runs as many of the script steps from `at` on as can go in one exec. Returns where to go on, and what
    /// that step got from outside.
    pub(super) fn scripts(
        &self,
        at: usize,
        node: &NodeName,
        primed: Option<Primed>,
    ) -> Result<(usize, Option<Primed>), Ended> {
        let (mut payload, mut variables) = primed.map_or((None, None), |p| (p.payload, Some(p.variables)));
        let first = &self.lane.steps[at];
        if variables.is_none() && !self.shared.options.dry_run && (self.shared.plan.proves || !applies(first))
        {
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
            // Nothing of what a check makes can be there before it.
            (true, _) if self.shared.plan.proves => (free || is_primed).then_some(Mode::Make),
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
                let value = self.shared.fact(fact, self.cancel).map_err(|why| {
                    if self.cancel.is_cancelled() {
                        Ended
                    } else {
                        self.fail(&id, step, &why)
                    }
                })?;
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

    /// Sends one exec. `Err(Some(n))`: the connection was lost at item `n` and the node can be reached again.
    fn exec(&self, node: &NodeName, items: &[Item], payload: Option<Payload>) -> Result<Stop, Option<usize>> {
        let shared = self.shared;
        let first = &items[0].id;
        let _turn = shared.turns.take(self.cancel).ok_or(None)?;
        let mut session = match shared.sessions.take_idle(node) {
            Some(session) => session,
            None => self.reconnect(node, first).map_err(|Ended| None)?,
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
            // It was lost when everything had been heard already: what has ended is not done again.
            Err(_) if listening.stop.is_some() || listening.current == items.len() => Ok(listening.ended(0)),
            Err(Lost::Payload(error)) => {
                let id = &items[listening.current].id;
                self.fail(id, self.step(id), &error.to_string());
                Err(None)
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
}

fn call(step: &Step) -> Option<&Call> {
    match &step.action {
        Action::Script(_, call) => Some(call),
        _ => None,
    }
}

fn applies(step: &Step) -> bool {
    call(step).is_some_and(|call| call.script.applies())
}
