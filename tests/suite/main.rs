//! All integration tests in one program.
#![allow(clippy::print_stderr, reason = "a skipped test says why")]

#[cfg(target_os = "linux")]
mod fleet;
mod house;
mod render;
mod spec;
#[cfg(target_os = "linux")]
mod sshd;
mod tools;
mod ui;
