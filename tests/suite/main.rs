//! All integration tests in one program.
#![allow(clippy::print_stderr, reason = "a skipped test says why")]

mod fetch;
#[cfg(target_os = "linux")]
mod fleet;
mod house;
#[cfg(target_os = "linux")]
mod lab;
mod render;
mod spec;
mod tools;
mod ui;
