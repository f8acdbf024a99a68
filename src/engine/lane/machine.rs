//! Machines: booted, and reached at first or again.

use std::time::{Duration, Instant};

use super::patience::{Next, Patience};
use super::{Ended, PAUSE, Walk};
use crate::engine::board::{Board, Place};
use crate::engine::narrator::Overheard;
use crate::engine::{BootHearer, NodeName, Outcome, StepId, Unreachable};
use crate::plan::Step;
use crate::t;
use crate::transport::{Hearer, Transport};

/// How long a node that was reached before may be gone until its step fails.
const RECONNECT: Duration = Duration::from_secs(60);
/// How long a check waits for a node that it is to look at, the first one; those after it go by what that one found, and
/// later on try once.
const LOOK: Duration = Duration::from_secs(10);

/// Hears a provider at work on a machine.
struct Booting<'a, 'r> {
    heard: Overheard<'a, 'r>,
    board: &'a Board,
}

impl Hearer for Booting<'_, '_> {
    fn line(&mut self, line: &str) {
        self.heard.line(line);
    }

    fn progress(&mut self, done: u64, total: u64) {
        self.heard.progress(done, total);
    }
}

impl BootHearer for Booting<'_, '_> {
    fn shared_is_made(&mut self) {
        self.board.shared_is_made(self.heard.id);
    }

    fn waiting(&mut self, reason: &str) {
        self.heard.narrator.waiting(self.heard.id, reason);
    }

    fn advice(&mut self, advice: &str) {
        self.heard.narrator.advice(self.heard.id, advice, &[]);
    }
}

impl Walk<'_, '_> {
    pub(super) fn boot(&self, step: &Step, node: &NodeName) -> Result<(), Ended> {
        let (id, shared) = (self.id(step), self.shared);
        shared.narrator.started(&id, None);
        match shared.sessions.take(shared.world, node, self.cancel) {
            Ok(session) => {
                self.answers(&id, node, session);
                return Ok(());
            }
            Err(_) if self.cancel.is_cancelled() => return Err(Ended),
            Err(Unreachable::Never { message, hint }) => {
                return Err(self.fail_hinted(&id, step, &message, vec![hint]));
            }
            Err(why) if shared.options.dry_run => {
                let reason = why.reason().to_owned();
                shared.narrator.finished(&id, Outcome::Pending { reason });
                return Err(Ended);
            }
            Err(why) => {
                shared.narrator.output(&id, &t!("engine.applying", reason = why));
            }
        }
        self.gates(step)?;
        let places = shared.world.boot_parallelism();
        match shared.board.take_place(&id, places, self.cancel) {
            Place::Taken(released_by) => shared.narrator.started(&id, released_by),
            Place::Cancelled => return Err(Ended),
        }
        let booted = shared.world.boot(
            node,
            &mut Booting {
                heard: Overheard {
                    narrator: &shared.narrator,
                    id: &id,
                },
                board: &shared.board,
            },
        );
        let ended = match booted {
            Ok(()) => {
                self.hold(
                    &id,
                    Outcome::Changed {
                        reason: t!("engine.booted"),
                    },
                );
                Ok(())
            }
            Err(_) if self.cancel.is_cancelled() => Err(Ended),
            Err(error) => Err(self.fail_with(&id, step, &error)),
        };
        // Only then, or the next one would seem to boot beside it.
        shared.board.leave_place(&id);
        ended
    }

    /// Waits until a node answers; `server` is how long it may have a network and no SSH server.
    pub(super) fn connect(&self, step: &Step, node: &NodeName, server: Duration) -> Result<(), Ended> {
        let (id, shared) = (self.id(step), self.shared);
        shared.narrator.started(&id, None);
        let mut patience = Patience::new(step.patience, server, Instant::now());
        loop {
            let why = match self.reach(node, &mut patience) {
                Ok(session) => {
                    self.answers(&id, node, session);
                    return Ok(());
                }
                Err(_) if self.cancel.is_cancelled() => return Err(Ended),
                Err(Unreachable::Never { message, hint }) => {
                    return Err(self.fail_hinted(&id, step, &message, vec![hint]));
                }
                Err(why) => why,
            };
            match patience.next(&why, Instant::now()) {
                Next::Again => {}
                Next::Waiting(reason) => shared.narrator.waiting(&id, &reason),
                Next::Advice(advice) => shared.narrator.advice(&id, &advice, why.hints()),
                Next::Over(seconds) => {
                    let reason = patience.reason(&why);
                    let message = t!(
                        "engine.step-unmet",
                        step = step.name,
                        reason = reason,
                        seconds = seconds
                    );
                    return Err(self.fail_hinted(&id, step, &message, why.hints().to_vec()));
                }
            }
            if self.cancel.sleep(PAUSE) {
                return Err(Ended);
            }
        }
    }

    /// One attempt at a node's own address, and at times by another way. What is seen at its own address counts.
    fn reach(&self, node: &NodeName, patience: &mut Patience) -> Result<Box<dyn Transport>, Unreachable> {
        let shared = self.shared;
        let own = match shared.sessions.take(shared.world, node, self.cancel) {
            Err(why @ (Unreachable::NotYet(_) | Unreachable::NothingListens { .. })) => why,
            other => return other,
        };
        if !patience.tries_otherwise(Instant::now()) {
            return Err(own);
        }
        match shared.world.connect_otherwise(node, self.cancel) {
            Err(Unreachable::NotYet(reason) | Unreachable::NothingListens { reason, .. }) => {
                patience.seen_otherwise(&reason);
                Err(own)
            }
            other => other,
        }
    }

    fn answers(&self, id: &StepId, node: &NodeName, session: Box<dyn Transport>) {
        self.shared.sessions.give_back(node, session);
        let reason = t!("engine.answers");
        self.hold(id, Outcome::Unchanged { reason });
    }

    /// Notes which of the nodes do not answer. A session from before would not tell.
    pub(super) fn note_silent(&self, nodes: &[NodeName]) {
        let shared = self.shared;
        for node in nodes {
            match shared.world.connect(node, self.cancel) {
                Ok(session) => shared.sessions.give_back(node, session),
                Err(_) if self.cancel.is_cancelled() => {}
                Err(_) => shared.narrator.silence.note(node),
            }
        }
    }

    /// A new session with a node that is to be there.
    pub(super) fn reconnect(&self, node: &NodeName, id: &StepId) -> Result<Box<dyn Transport>, Ended> {
        let narrator = &self.shared.narrator;
        let silence = &narrator.silence;
        if let Some(why) = silence.lately(node).filter(|_| self.shared.plan.proves) {
            narrator.started(id, None);
            return Err(self.fail_silent(id, self.step(id), why, Vec::new()));
        }
        let patience = match self.shared.plan.proves {
            true if silence.has(node) => Duration::ZERO,
            true => LOOK,
            false => RECONNECT,
        };
        let deadline = Instant::now() + patience;
        let mut said: Option<String> = None;
        loop {
            match self.shared.world.connect(node, self.cancel) {
                Ok(session) => return Ok(session),
                Err(_) if self.cancel.is_cancelled() => return Err(Ended),
                Err(Unreachable::Never { message, hint }) => {
                    narrator.started(id, None);
                    return Err(self.fail_hinted(id, self.step(id), &message, vec![hint]));
                }
                Err(why) if Instant::now() > deadline => {
                    let is_new = silence.found(node, why.reason());
                    if said.is_none() {
                        narrator.started(id, None);
                    }
                    let hints = match why.hints() {
                        [] => vec![t!("engine.silent-hint", host = node)],
                        hints => hints.to_vec(),
                    };
                    if self.shared.plan.proves {
                        // The causes of what was not even looked at would lead astray.
                        let hints = if is_new { hints } else { Vec::new() };
                        return Err(self.fail_silent(id, self.step(id), why.to_string(), hints));
                    }
                    return Err(self.fail_hinted(id, self.step(id), why.reason(), hints));
                }
                Err(why) => {
                    let why = why.to_string();
                    if said.is_none() {
                        narrator.started(id, None);
                    }
                    if said.as_ref() != Some(&why) {
                        narrator.waiting(id, &why);
                        said = Some(why);
                    }
                }
            }
            if self.cancel.sleep(PAUSE) {
                return Err(Ended);
            }
        }
    }
}
