//! Values made on one node and used elsewhere: each is asked for at the first need, once a run.

use std::collections::HashMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::FactName;

/// Shared by all lanes. Values may be secret and leave only through [`Facts::get`].
#[derive(Default)]
pub(super) struct Facts {
    values: Mutex<HashMap<FactName, Fact>>,
    changed: Condvar,
}

#[derive(Clone)]
enum Fact {
    /// Somebody is asking for it.
    Asked,
    Known(String),
    /// It could not be had; with the reason.
    Missing(String),
}

impl Facts {
    /// Notes a value that a step published.
    pub(super) fn publish(&self, name: &FactName, value: String) {
        self.lock().insert(name.clone(), Fact::Known(value));
        self.changed.notify_all();
    }

    /// A value that was published.
    pub(super) fn published(&self, name: &FactName) -> Option<String> {
        match self.lock().get(name) {
            Some(Fact::Known(value)) => Some(value.clone()),
            _ => None,
        }
    }

    /// The value; `make` is called by whoever needs it first, others wait.
    ///
    /// # Errors
    /// Why it could not be had; the first failure stands for the whole run.
    pub(super) fn get(
        &self,
        name: &FactName,
        make: impl FnOnce() -> Result<String, String>,
    ) -> Result<String, String> {
        let mut values = self.lock();
        loop {
            match values.get(name) {
                Some(Fact::Known(value)) => return Ok(value.clone()),
                Some(Fact::Missing(reason)) => return Err(reason.clone()),
                Some(Fact::Asked) => {
                    let slice = Duration::from_millis(100);
                    values = self
                        .changed
                        .wait_timeout(values, slice)
                        .unwrap_or_else(PoisonError::into_inner)
                        .0;
                }
                None => break,
            }
        }
        values.insert(name.clone(), Fact::Asked);
        drop(values);
        let result = make();
        let fact = match &result {
            Ok(value) => Fact::Known(value.clone()),
            Err(reason) => Fact::Missing(reason.clone()),
        };
        self.lock().insert(name.clone(), fact);
        self.changed.notify_all();
        result
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<FactName, Fact>> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
