//! Everything a user sees of kprov: errors, progress, the end of a run, tables and the timeline.
//!
//! [`Screen`] is the one place that knows whether there is a terminal, a pipe or colour. Drawings
//! are pure functions from [events](crate::event) to text, always with colour; the screen takes it
//! away where it does not belong. [`listener`] puts together what draws a run.

pub mod amount;
mod bars;
mod english;
mod failure;
pub use failure::finding;
mod fan;
mod json;
pub mod lesson;
mod line;
mod meter;
mod page;
mod plain;
mod recorder;
pub mod report;
mod screen;
mod style;
pub mod summary;
mod terminal;
pub mod timeline;
mod titles;
pub mod width;

pub use bars::Bars;
pub use fan::{Fan, Transcript};
pub use json::JsonLines;
pub use meter::Meter;
pub use plain::Plain;
pub use recorder::{Recorder, log_path};
pub use screen::{Look, Screen};
pub use terminal::Roomy;
pub use timeline::Timeline;

/// For whom a run is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// A reader: bars on a terminal, lines elsewhere, both on standard error.
    #[default]
    Text,
    /// A program: every event as a line of JSON on standard output.
    Json,
}

/// What draws a run on `screen`, and also keeps its files when there is a `recorder`.
#[must_use]
pub fn listener(format: Format, screen: &Screen, recorder: Option<Recorder>) -> Fan {
    let fan = match format {
        Format::Json => Fan::default().and(JsonLines::new(screen)),
        Format::Text if screen.has_bars() => Fan::default().and(Bars::new(screen, terminal::stderr())),
        Format::Text => Fan::default().and(Plain::new(screen)),
    };
    match recorder {
        Some(recorder) => fan.and(recorder),
        None => fan,
    }
}
