//! The providers' own programs, asked for what Vagrant does not tell.

use super::vagrant;
use crate::error::{Error, Result};
use crate::t;
use crate::transport::Cancel;
use crate::transport::local::{Ended, Program};

/// Runs one to its end.
pub(super) fn run(program: &Program, cancel: &Cancel) -> Result<Ended> {
    vagrant::run(program, cancel, &mut |_| {})
}

/// The standard output of one that has to succeed.
pub(super) fn answer(program: &Program, cancel: &Cancel) -> Result<String> {
    let ended = run(program, cancel)?;
    if ended.ok() {
        Ok(ended.stdout)
    } else {
        Err(failed(program, &ended))
    }
}

/// One that did not succeed, with what it said.
pub(super) fn failed(program: &Program, ended: &Ended) -> Error {
    let lines = ended.last_lines.iter().filter(|line| !line.trim().is_empty());
    Error::step(t!("provider.failed", command = program.display())).evidence(lines.cloned())
}
