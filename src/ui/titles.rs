//! The titles of a run's steps, as its first event gives them.

use std::collections::HashMap;

use crate::event::{LaneOutline, StepId};

/// What the steps are called in the user's language.
#[derive(Debug, Default)]
pub struct Titles(HashMap<StepId, String>);

impl Titles {
    /// From the outline in `RunStarted`.
    pub fn new(lanes: &[LaneOutline]) -> Self {
        let steps = lanes.iter().flat_map(|outline| {
            outline.steps.iter().map(|(step, title)| {
                let id = StepId {
                    lane: outline.lane.clone(),
                    step: step.clone(),
                };
                (id, title.clone())
            })
        });
        Self(steps.collect())
    }

    /// The title of a step; its name when it has none.
    pub fn of<'a>(&'a self, step: &'a StepId) -> &'a str {
        self.0.get(step).map_or(step.step.as_str(), String::as_str)
    }
}
