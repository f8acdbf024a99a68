//! What a run told: its events and its report, easy to ask.

use std::sync::{Arc, Mutex};

use kprov::engine::{self, Options, Report};
use kprov::event::{Event, Failure, Kind, Listener, Outcome};
use kprov::plan::Plan;
use kprov::transport::Cancel;

use super::hosts::Fleet;
use super::plans::id;

/// A run that is over.
pub struct Told {
    pub report: Report,
    pub events: Vec<Event>,
}

#[derive(Clone, Default)]
struct Ear(Arc<Mutex<Vec<Event>>>);

impl Listener for Ear {
    fn event(&mut self, event: &Event) {
        self.0.lock().unwrap().push(event.clone());
    }
}

/// Carries out a plan.
pub fn run(fleet: &Fleet, plan: &Plan) -> Told {
    run_with(fleet, plan, Options::default(), &Cancel::default())
}

/// Carries out a plan with options, until it is cancelled.
pub fn run_with(fleet: &Fleet, plan: &Plan, options: Options, cancel: &Cancel) -> Told {
    let ear = Ear::default();
    let report = engine::run(plan, fleet, options, cancel, &mut ear.clone());
    let events = ear.0.lock().unwrap().clone();
    Told { report, events }
}

impl Told {
    /// How a step ended, named as `lane/step`.
    pub fn outcome(&self, step: &str) -> &Outcome {
        let found = self.report.outcomes.iter().find(|(own, ..)| *own == id(step));
        &found.unwrap_or_else(|| panic!("{step} has not ended")).1
    }

    /// The failure of a step that failed.
    pub fn failure(&self, step: &str) -> &Failure {
        match self.outcome(step) {
            Outcome::Failed(failure) => failure,
            other => panic!("{step} did not fail: {other:?}"),
        }
    }

    /// The ends of all steps in the plan's order, such as `a/x unchanged`.
    pub fn ends(&self) -> Vec<String> {
        let word = |outcome: &Outcome| match outcome {
            Outcome::Unchanged { .. } => "unchanged",
            Outcome::Changed { .. } => "changed",
            Outcome::Pending { .. } => "pending",
            Outcome::Failed(_) => "failed",
            Outcome::NotReached { .. } => "not reached",
            Outcome::Skipped { .. } => "skipped",
        };
        let outcomes = self.report.outcomes.iter();
        outcomes
            .map(|(id, outcome, _)| format!("{id} {}", word(outcome)))
            .collect()
    }

    /// What the step said while it waited.
    pub fn waits(&self, step: &str) -> Vec<String> {
        let waits = self.events.iter().filter_map(|event| match &event.kind {
            Kind::StepWaiting { step: own, reason } if *own == id(step) => Some(reason.clone()),
            _ => None,
        });
        waits.collect()
    }

    /// The place of a step's end among the events.
    pub fn end_of(&self, step: &str) -> usize {
        let end = self.events.iter().position(
            |event| matches!(&event.kind, Kind::StepFinished { step: own, .. } if *own == id(step)),
        );
        end.unwrap_or_else(|| panic!("{step} has not ended"))
    }

    /// All events as they are written to a log.
    pub fn json(&self) -> String {
        self.events
            .iter()
            .map(|event| serde_json::to_string(event).unwrap() + "\n")
            .collect()
    }
}
