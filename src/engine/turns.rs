//! Turns: at most so many scripts run on nodes at a time.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::transport::Cancel;

/// Whoever waits looks this often whether the user wants to stop.
const SLICE: Duration = Duration::from_millis(100);

/// What is left of the turns; `None` for no bound. Who holds one waits for no other lane, so everybody gets theirs.
pub(super) struct Turns {
    left: Option<Mutex<usize>>,
    returned: Condvar,
}

/// Gives a turn back when it is dropped.
pub(super) struct Turn<'a>(&'a Turns);

impl Turns {
    /// So many turns.
    pub(super) fn new(bound: Option<usize>) -> Self {
        Self {
            left: bound.map(Mutex::new),
            returned: Condvar::new(),
        }
    }

    /// Waits for a turn; `None` when the user asked to stop.
    pub(super) fn take(&self, cancel: &Cancel) -> Option<Turn<'_>> {
        let Some(left) = &self.left else {
            return Some(Turn(self));
        };
        let mut left = left.lock().unwrap_or_else(PoisonError::into_inner);
        while *left == 0 {
            if cancel.is_cancelled() {
                return None;
            }
            let woken = self.returned.wait_timeout(left, SLICE);
            left = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        *left -= 1;
        Some(Turn(self))
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if let Some(left) = &self.0.left {
            *left.lock().unwrap_or_else(PoisonError::into_inner) += 1;
            self.0.returned.notify_one();
        }
    }
}
