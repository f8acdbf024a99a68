//! All integration tests in one program.
#![allow(clippy::print_stderr, reason = "a skipped test says why")]

mod cli;
mod doctor;
#[cfg(target_os = "linux")]
mod doubles;
mod fetch;
#[cfg(target_os = "linux")]
mod fleet;
mod house;
#[cfg(target_os = "linux")]
mod lab;
mod pains;
mod place;
mod render;
mod spec;
#[cfg(target_os = "linux")]
mod sshd;
mod tools;
mod ui;
#[cfg(target_os = "linux")]
mod virtualbox;
