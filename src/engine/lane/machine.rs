//! Machines: booted, and reached at first or again.

use std::time::{Duration, Instant};

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
/// How long a node may be silent at its own address until another way to it is tried.
const OTHERWISE: Duration = Duration::from_secs(20);

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

    pub(super) fn connect(&self, step: &Step, node: &NodeName) -> Result<(), Ended> {
        let (id, shared) = (self.id(step), self.shared);
        shared.narrator.started(&id, None);
        let deadline = Instant::now() + step.patience;
        let mut otherwise = Instant::now() + OTHERWISE;
        let mut said = String::new();
        loop {
            let session = match shared.sessions.take(shared.world, node, self.cancel) {
                Err(Unreachable::NotYet(_)) if Instant::now() > otherwise => {
                    otherwise = Instant::now() + OTHERWISE;
                    shared.world.connect_otherwise(node, self.cancel)
                }
                other => other,
            };
            match session {
                Ok(session) => {
                    self.answers(&id, node, session);
                    return Ok(());
                }
                Err(_) if self.cancel.is_cancelled() => return Err(Ended),
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
                Err(Unreachable::NotYet(why)) if Instant::now() > deadline => {
                    let is_new = silence.found(node, &why);
                    if said.is_none() {
                        narrator.started(id, None);
                    }
                    let hint = t!("engine.silent-hint", host = node);
                    if self.shared.plan.proves {
                        // The causes of what was not even looked at would lead astray.
                        let hints = if is_new { vec![hint] } else { Vec::new() };
                        return Err(self.fail_silent(id, self.step(id), why, hints));
                    }
                    return Err(self.fail_hinted(id, self.step(id), &why, vec![hint]));
                }
                Err(Unreachable::NotYet(why)) => {
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
