//! Which steps hold, for the gates between lanes; and the queue for a place to boot.

use std::collections::{HashMap, HashSet};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::StepId;
use crate::transport::Cancel;

/// Waiting lanes look this often whether the user wants to stop.
const SLICE: Duration = Duration::from_millis(100);

/// Shared by all lanes.
pub(super) struct Board {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    steps: HashMap<StepId, (bool, Instant)>,
    /// The steps that boot machines, in the plan's order, which is the order in which they get their places.
    boots: Vec<StepId>,
    /// Those that got a place.
    placed: HashSet<StepId>,
    booting: usize,
    /// Whether one of them boots alone until it has made what all share.
    first_alone: bool,
    /// The step that let others boot last: by its end, or by having made what all share.
    last_booted: Option<StepId>,
}

impl State {
    /// How many may boot at once now.
    fn places(&self, places: usize) -> usize {
        if self.first_alone { 1 } else { places }
    }

    /// Whether nobody before this step still waits for a place, or may come to want one.
    fn is_next(&self, step: &StepId) -> bool {
        let mut before = self.boots.iter().take_while(|other| *other != step);
        before.all(|other| self.placed.contains(other) || self.steps.contains_key(other))
    }
}

/// What came of waiting for gates.
pub(super) enum Gates {
    /// All hold; with the one that came last, if there was any waiting.
    Hold(Option<StepId>),
    /// This one never will.
    Broken(StepId),
    /// The user asked to stop.
    Cancelled,
}

/// What came of waiting for a place to boot.
pub(super) enum Place {
    /// It is the step's now; with the step that left it, if there was any waiting.
    Taken(Option<StepId>),
    /// The user asked to stop.
    Cancelled,
}

impl Board {
    /// A board for a plan whose machines boot by these steps, in this order; `first_alone`: one before all others,
    /// until it is booted or has made what all share.
    pub(super) fn new(boots: Vec<StepId>, first_alone: bool) -> Self {
        Self {
            state: Mutex::new(State {
                boots,
                first_alone,
                ..State::default()
            }),
            changed: Condvar::new(),
        }
    }

    /// Notes that a step holds, or that it never will.
    pub(super) fn settle(&self, step: &StepId, holds: bool) {
        self.lock().steps.insert(step.clone(), (holds, Instant::now()));
        self.changed.notify_all();
    }

    /// What is still to come: the gates that do not hold yet, and the steps of `over` that have not ended.
    pub(super) fn open(&self, gates: &[StepId], over: &[StepId]) -> Vec<StepId> {
        let state = self.lock();
        let holds = |gate: &&StepId| state.steps.get(*gate).is_some_and(|(holds, _)| *holds);
        let gates = gates.iter().filter(|gate| !holds(gate));
        gates
            .chain(over.iter().filter(|step| !state.steps.contains_key(*step)))
            .cloned()
            .collect()
    }

    /// Waits until all gates hold, or one never will, and until the steps `over` have ended either way.
    pub(super) fn wait(&self, gates: &[StepId], over: &[StepId], cancel: &Cancel) -> Gates {
        let mut state = self.lock();
        let mut waited = false;
        loop {
            if let Some(broken) = gates
                .iter()
                .find(|gate| state.steps.get(gate).is_some_and(|(holds, _)| !holds))
            {
                return Gates::Broken(broken.clone());
            }
            if gates
                .iter()
                .chain(over)
                .all(|gate| state.steps.contains_key(gate))
            {
                let last = gates
                    .iter()
                    .chain(over)
                    .max_by_key(|gate| state.steps[*gate].1)
                    .cloned();
                return Gates::Hold(last.filter(|_| waited));
            }
            if cancel.is_cancelled() {
                return Gates::Cancelled;
            }
            waited = true;
            state = self.sleep(state);
        }
    }

    /// Waits for one of `places` places to boot, which go to the first machines of the plan first: all others
    /// wait for the control plane.
    pub(super) fn take_place(&self, step: &StepId, places: usize, cancel: &Cancel) -> Place {
        let mut state = self.lock();
        let mut waited = false;
        while state.booting >= state.places(places) || !state.is_next(step) {
            if cancel.is_cancelled() {
                return Place::Cancelled;
            }
            waited = true;
            state = self.sleep(state);
        }
        state.booting += 1;
        state.placed.insert(step.clone());
        self.changed.notify_all();
        Place::Taken(state.last_booted.clone().filter(|_| waited))
    }

    /// What all machines share is made by this one: the others may boot.
    pub(super) fn shared_is_made(&self, by: &StepId) {
        let mut state = self.lock();
        if state.first_alone {
            state.first_alone = false;
            state.last_booted = Some(by.clone());
        }
        drop(state);
        self.changed.notify_all();
    }

    /// Leaves a place to boot.
    pub(super) fn leave_place(&self, step: &StepId) {
        let mut state = self.lock();
        state.booting -= 1;
        state.first_alone = false;
        state.last_booted = Some(step.clone());
        drop(state);
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sleep<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.changed
            .wait_timeout(state, SLICE)
            .unwrap_or_else(PoisonError::into_inner)
            .0
    }
}
