//! The programs that make machines: run, and told of where they fail.

use crate::error::{Error, Result};
use crate::t;
use crate::transport::Cancel;
use crate::transport::local::{Ended, Program};

/// Runs one to its end.
pub(super) fn run(program: &Program, cancel: &Cancel, say: &mut dyn FnMut(&str)) -> Result<Ended> {
    program
        .run(cancel, say)
        .map_err(|error| Error::host(t!("provider.not-started", command = program.display())).cause(&error))
}

/// Runs one that nobody listens to.
pub(super) fn ask(program: &Program, cancel: &Cancel) -> Result<Ended> {
    run(program, cancel, &mut |_| {})
}

/// Runs one that has to succeed, and returns its standard output.
pub(super) fn done(program: &Program, cancel: &Cancel, say: &mut dyn FnMut(&str)) -> Result<String> {
    let ended = run(program, cancel, say)?;
    if ended.ok() {
        Ok(ended.stdout)
    } else {
        Err(failed(program, &ended))
    }
}

/// The same of one that nobody listens to.
pub(super) fn answer(program: &Program, cancel: &Cancel) -> Result<String> {
    done(program, cancel, &mut |_| {})
}

/// One that did not succeed, with what it said.
pub(super) fn failed(program: &Program, ended: &Ended) -> Error {
    let command = program.display();
    let message = match ended.status {
        _ if ended.timed_out => {
            let minutes = program.time_limit().map_or(0, |limit| limit.as_secs() / 60);
            t!("provider.timed-out", command = command, minutes = minutes)
        }
        Some(status) => t!("provider.command-failed", command = command, status = status),
        None => t!("provider.failed", command = command),
    };
    let lines = ended.last_lines.iter().filter(|line| !line.trim().is_empty());
    Error::step(message).evidence(lines.cloned())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_failure_says_how_it_ended_and_what_was_said_last() {
        let status = Program::new("vagrant")
            .args(["status"])
            .timeout(Duration::from_secs(120));
        let ended = |status, timed_out| Ended {
            status,
            timed_out,
            stdout: String::new(),
            last_lines: vec!["one".to_owned(), " ".to_owned(), "two".to_owned()],
        };
        for (ended, expected) in [
            (
                ended(Some(4), false),
                "`vagrant status` failed with exit status 4",
            ),
            (ended(None, false), "`vagrant status` failed"),
            (ended(None, true), "`vagrant status` did not end in 2 minutes"),
        ] {
            let error = failed(&status, &ended);
            assert_eq!(error.message, expected);
            assert_eq!(error.evidence, ["one", "two"]);
        }
    }
}
