//! What a user sees, from events made by hand.

#![allow(clippy::needless_raw_string_hashes)] // snapbox writes them so.

mod bars;
pub mod forms;
mod grade;
mod plain;
mod recorder;
mod report;
mod screen;
mod stage;
mod summary;
mod timeline;
