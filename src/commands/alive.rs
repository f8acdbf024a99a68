//! While kprov works in a namespace of its own, the cluster hears again and again that it does: another verification
//! would else take the namespace for one that was left behind, and delete it.

use std::thread;
use std::time::Duration;

use super::lab::Lab;
use super::world::Real;
use crate::engine::World;
use crate::error::Result;
use crate::names::NodeName;
use crate::plan::verify::alive;
use crate::transport::{Cancel, Hearer};

/// Until a node that does not answer is tried again.
const PAUSE: Duration = Duration::from_secs(2);

/// Does the work, and lets the cluster hear meanwhile that the namespace is in use. `node` is where kubectl runs.
pub(super) fn during<T>(
    lab: &Lab,
    node: &NodeName,
    namespace: &str,
    work: impl FnOnce() -> Result<T>,
) -> Result<T> {
    let over = Over(Cancel::default());
    let world = Real::new(lab, &over.0, None)?;
    let stop = over.0.clone();
    thread::scope(|scope| {
        scope.spawn(|| tell(&world, node, &alive(namespace, lab.spec.emulated()), &stop));
        // Also when the work ends by a panic.
        let _over = over;
        work()
    })
}

fn tell(world: &Real, node: &NodeName, script: &str, stop: &Cancel) {
    loop {
        if let Ok(mut session) = world.connect(node, stop) {
            // Whatever ended it, such as a connection that was lost, the next one goes on.
            let _ = session.exec(script, None, &mut Nobody, stop);
        }
        if stop.sleep(PAUSE) {
            return;
        }
    }
}

/// Ends the telling when it goes.
struct Over(Cancel);

impl Drop for Over {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

struct Nobody;

impl Hearer for Nobody {
    fn line(&mut self, _: &str) {}

    fn progress(&mut self, _: u64, _: u64) {}
}
