//! All integration tests in one program.
#![allow(clippy::print_stderr, reason = "a skipped test says why")]

mod render;
mod spec;
mod tools;
mod ui;
