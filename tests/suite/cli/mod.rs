//! The command line as a user meets it.

mod config;
mod explain;
mod help;
mod languages;
#[cfg(unix)]
mod merged;
#[cfg(target_os = "linux")]
mod question;
mod reports;
mod runtimes;
mod state;
