//! Sessions with nodes: a lane keeps one, and whoever needs a node while its lane is busy opens another.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Unreachable, World};
use crate::names::NodeName;
use crate::transport::{Cancel, Transport};

/// Idle sessions by node.
#[derive(Default)]
pub(super) struct Sessions {
    idle: Mutex<HashMap<NodeName, Vec<Box<dyn Transport>>>>,
}

impl Sessions {
    /// An idle session, or a new one.
    pub(super) fn take(
        &self,
        world: &dyn World,
        node: &NodeName,
        cancel: &Cancel,
    ) -> Result<Box<dyn Transport>, Unreachable> {
        self.take_idle(node)
            .map_or_else(|| world.connect(node, cancel), Ok)
    }

    /// An idle session, if there is one.
    pub(super) fn take_idle(&self, node: &NodeName) -> Option<Box<dyn Transport>> {
        self.idle().get_mut(node).and_then(Vec::pop)
    }

    /// Gives a session back that still works.
    pub(super) fn give_back(&self, node: &NodeName, session: Box<dyn Transport>) {
        self.idle().entry(node.clone()).or_default().push(session);
    }

    fn idle(&self) -> MutexGuard<'_, HashMap<NodeName, Vec<Box<dyn Transport>>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
