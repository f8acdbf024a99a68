//! The same work for several items, a few at a time.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::artifact::stop::interrupted;
use crate::error::{Error, Result};

/// More at once do not make a classroom's line faster, and hosts limit them.
const AT_ONCE: usize = 4;
/// How often the onlooker hears of the progress.
const TICK: Duration = Duration::from_millis(100);

/// Does the work for all items. After the first failure none is begun any more and those at work are asked to
/// stop. `tick` is called now and then from the calling thread.
pub(super) fn each<T: Sync>(
    items: &[T],
    stop: &(dyn Fn() -> bool + Sync),
    tick: &mut dyn FnMut(),
    work: impl Fn(&T, &dyn Fn() -> bool) -> Result<()> + Sync,
) -> Result<()> {
    let next = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let failure: Mutex<Option<Error>> = Mutex::default();
    let ends = || stop() || failed.load(Ordering::SeqCst);
    let worker = || {
        while !ends() {
            let Some(item) = items.get(next.fetch_add(1, Ordering::SeqCst)) else {
                return;
            };
            if let Err(error) = work(item, &ends) {
                let mut failure = failure.lock().unwrap_or_else(PoisonError::into_inner);
                // Those that stop because of the first failure fail as well.
                failure.get_or_insert(error);
                failed.store(true, Ordering::SeqCst);
            }
        }
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..items.len().min(AT_ONCE))
            .map(|_| scope.spawn(worker))
            .collect();
        while workers.iter().any(|worker| !worker.is_finished()) {
            tick();
            thread::park_timeout(TICK);
        }
        tick();
    });
    match failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        _ if stop() => Err(interrupted()),
        Some(error) => Err(error),
        None => Ok(()),
    }
}
