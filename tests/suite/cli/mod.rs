//! The command line as a user meets it.

mod config;
mod explain;
mod help;
mod languages;
mod reports;
mod runtimes;
mod state;
