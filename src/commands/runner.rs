//! Carries out a plan with everything around it: the log, the screen, the timeline.

use std::path::PathBuf;

use super::lab::Lab;
use super::world::Real;
use crate::cli::{Format, Global};
use crate::engine::{self, Options, Report};
use crate::error::{Error, Exit, Result};
use crate::event::Event;
use crate::plan::Plan;
use crate::transport::Cancel;
use crate::ui::{self, Recorder, Screen, Timeline, Transcript};

/// A run that is over.
pub(super) struct Ran {
    pub report: Report,
    pub events: Vec<Event>,
    /// The folder of its logs.
    pub logs: PathBuf,
    /// When it began: UTC, as RFC 3339 writes it.
    pub began: String,
}

impl Ran {
    /// The exit status that it leads to; `failed` is the one for failed steps.
    pub(super) fn exit(&self, failed: Exit) -> Exit {
        let summary = &self.report.summary;
        if summary.interrupted {
            Exit::Interrupted
        } else if summary.failed + summary.not_reached > 0 {
            failed
        } else {
            Exit::Done
        }
    }
}

pub(super) fn run(
    plan: &Plan,
    lab: &Lab,
    global: &Global,
    options: Options,
    screen: &Screen,
    cancel: &Cancel,
) -> Result<Ran> {
    let began = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let logs = lab.workdir.new_run(plan.command)?;
    let world = Real::new(lab, cancel, Some(logs.clone()))?;
    let transcript = Transcript::default();
    let format = match global.format {
        Format::Text => ui::Format::Text,
        Format::Json => ui::Format::Json,
    };
    let recorder = Recorder::create(&logs, screen)?;
    let report = {
        let mut listener = ui::listener(format, screen, Some(recorder)).and(transcript.clone());
        engine::run(plan, &world, options, cancel, &mut listener)
    };
    let events = transcript.events();
    let timeline = Timeline::from_events(&events);
    let html = logs.join("timeline.html");
    if let Err(problem) = crate::workdir::write_private(&html, timeline.to_html().as_bytes()) {
        // What the run did stands, and its end is still to be told.
        screen.warn(&Error::cannot_write(&html, &problem));
    }
    if screen.verbosity() > 0 && global.format == Format::Text {
        screen.say(&timeline.to_text(screen.columns()));
    }
    Ok(Ran {
        report,
        events,
        logs,
        began,
    })
}
