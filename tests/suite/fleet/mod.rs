//! The engine against a fleet of pretend hosts: each is a folder, and the script of an exec really runs, in a
//! bash of this computer, as it would on a node.

mod boots;
mod connection;
mod facts;
mod failures;
mod hosts;
mod order;
mod plans;
mod repeated;
mod reset;
mod shell;
mod told;
