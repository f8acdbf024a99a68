//! Walks all lanes of a plan at once, one thread a lane, and says what happens as events.
//!
//! The engine knows steps, gates and facts. What machines are, how they are reached and what happens on this
//! computer is behind [`World`], so a test can put a fleet of pretend hosts there.

use std::path::PathBuf;
use std::time::Duration;

use crate::error::Result;
use crate::event::{Event, Failure, Kind, Listener, Outcome, StepId, Summary};
use crate::names::{FactName, NodeName};
use crate::plan::{Plan, Workstation};
use crate::transport::{Cancel, Hearer, Payload, Transport};

mod batch;
mod board;
mod facts;
mod lane;
mod narrator;
mod run;
mod sessions;
mod silence;
mod turns;

/// Everything outside the engine that a run touches.
pub trait World: Sync {
    /// Opens a session with a node: one attempt, no waiting, and not longer than until a stop is asked for.
    ///
    /// # Errors
    /// Why there is none.
    fn connect(&self, node: &NodeName, cancel: &Cancel) -> Result<Box<dyn Transport>, Unreachable>;

    /// Opens a session by another way than the node's own address, which it may have lost; this takes seconds.
    ///
    /// # Errors
    /// Why there is none.
    fn connect_otherwise(&self, node: &NodeName, cancel: &Cancel) -> Result<Box<dyn Transport>, Unreachable>;

    /// Makes the machine of a node exist and run. `hearer` hears what its provider writes, and how far it is.
    ///
    /// # Errors
    /// When the provider could not.
    fn boot(&self, node: &NodeName, hearer: &mut dyn BootHearer) -> Result<()>;

    /// How many machines may boot at once; at least 1.
    fn boot_parallelism(&self) -> usize;

    /// Whether the first machine of a run boots alone until it has made what all of them share: the image of the
    /// box, the network.
    fn first_boots_alone(&self) -> bool {
        false
    }

    /// Whether work on this computer is done already, and what was seen.
    ///
    /// # Errors
    /// What is seen instead; `fact` gives the values of the facts that the work names.
    fn workstation_check(&self, work: &Workstation, fact: &FactSource) -> Result<String, String>;

    /// Does work on this computer. `hearer` hears what programs write, and how far a download is.
    ///
    /// # Errors
    /// When it could not be done.
    fn workstation_apply(&self, work: &Workstation, fact: &FactSource, hearer: &mut dyn Hearer)
    -> Result<()>;

    /// Opens an artifact by its path in the pack or its key in the catalog, verified.
    ///
    /// # Errors
    /// When it is missing or damaged.
    fn payload(&self, path: &str) -> Result<Payload>;

    /// The log of a lane, for a failure's hint.
    fn log_of(&self, lane: &str) -> Option<PathBuf>;
}

/// Hears a machine boot.
pub trait BootHearer: Hearer {
    /// What all machines share is there now: the others may boot at the same time.
    fn shared_is_made(&mut self);

    /// Why it is not done yet.
    fn waiting(&mut self, reason: &str);

    /// The machine takes long, and this is worth knowing meanwhile.
    fn advice(&mut self, advice: &str);
}

/// Gives the value of a fact; `None` when it could not be had.
pub type FactSource<'a> = dyn Fn(&FactName) -> Option<String> + 'a;

/// Why a node has no session.
#[derive(Debug, Clone)]
pub enum Unreachable {
    /// Nothing answers, or not yet as it should: booting the machine or waiting may help.
    NotYet(String),
    /// The machine's network answers, and no SSH server is there: it is about to be while the machine boots, and later
    /// on somebody has to start it.
    NothingListens {
        /// What is seen.
        reason: String,
        /// How somebody starts it, the likeliest first.
        hints: Vec<String>,
    },
    /// Waiting cannot help, such as a host key that changed.
    Never {
        /// What is wrong.
        message: String,
        /// What to do.
        hint: String,
    },
}

impl Unreachable {
    /// What is seen instead of a session.
    #[must_use]
    pub fn reason(&self) -> &str {
        match self {
            Self::NotYet(reason) | Self::NothingListens { reason, .. } => reason,
            Self::Never { message, .. } => message,
        }
    }

    /// How somebody starts an SSH server that does not run.
    #[must_use]
    pub fn hints(&self) -> &[String] {
        match self {
            Self::NothingListens { hints, .. } => hints,
            Self::NotYet(_) | Self::Never { .. } => &[],
        }
    }
}

impl std::fmt::Display for Unreachable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.reason())
    }
}

/// How a plan is carried out.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Only look: check every step, change nothing.
    pub dry_run: bool,
}

/// What came of a run.
#[derive(Debug, Clone)]
pub struct Report {
    /// The numbers.
    pub summary: Summary,
    /// How every step ended, in the plan's order.
    pub outcomes: Vec<(StepId, Outcome, Duration)>,
    /// What steps published. Facts that scripts make may be secret and are not here.
    pub published: Vec<(FactName, String)>,
}

impl Report {
    /// The failures, in the plan's order.
    pub fn failures(&self) -> impl Iterator<Item = (&StepId, &Failure)> {
        self.outcomes.iter().filter_map(|(id, outcome, _)| match outcome {
            Outcome::Failed(failure) => Some((id, failure)),
            _ => None,
        })
    }
}

/// Carries out a plan.
pub fn run(
    plan: &Plan,
    world: &dyn World,
    options: Options,
    cancel: &Cancel,
    listener: &mut dyn Listener,
) -> Report {
    run::run(plan, world, options, cancel, listener)
}
