//! Steps that happen on this computer.

use std::time::Instant;

use super::{Ended, PAUSE, Walk};
use crate::engine::narrator::Overheard;
use crate::engine::{FactName, Outcome};
use crate::plan::{Step, Workstation};
use crate::t;

impl Walk<'_, '_> {
    pub(super) fn workstation(&self, step: &Step, work: &Workstation) -> Result<(), Ended> {
        let (id, shared) = (self.id(step), self.shared);
        if !shared.options.dry_run {
            self.gates(step)?;
        }
        shared.narrator.started(&id, None);
        let fact = |name: &FactName| shared.fact(name, self.cancel).ok();
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
                Ok(reason) => {
                    for node in work.nodes() {
                        shared.narrator.silence.try_again(node);
                    }
                    let outcome = if applied {
                        Outcome::Changed { reason }
                    } else {
                        Outcome::Unchanged { reason }
                    };
                    self.hold(&id, outcome);
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
                    self.note_silent(work.nodes());
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
}
