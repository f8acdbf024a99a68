//! Reads the command line, and tells what is wrong with it in the user's language.

use std::error::Error as _;
use std::ffi::OsString;

use clap::FromArgMatches;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::cli::{self, Cli};
use crate::error::{Error, Exit};
use crate::t;
use crate::ui::{Look, Screen};

/// Reads the command line, the program's own name first.
///
/// # Errors
/// When there is nothing to run: help and version were asked for and are written, or there is a mistake, which
/// is told.
pub fn read(arguments: Vec<OsString>) -> Result<Cli, Exit> {
    // `ssh`, `docker exec` and `kubectl exec` of old take a node's command without.
    let bare = arguments.iter().any(|word| word == "ssh") && arguments.iter().all(|word| word != "--");
    let problem = match cli::command().try_get_matches_from(arguments) {
        Ok(matches) => match Cli::from_arg_matches(&matches) {
            Ok(cli) => return Ok(cli),
            Err(problem) => problem,
        },
        Err(problem) => problem,
    };
    let screen = Screen::std(Look::default());
    match problem.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let text = problem.render().ansi().to_string();
            return Err(screen.data(&text).err().map_or(Exit::Done, |error| error.exit));
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            screen.insist(&problem.render().ansi().to_string());
        }
        ErrorKind::UnknownArgument if bare => {
            screen.error(&mistake(&problem).hint(t!("usage.command-on-a-node")));
        }
        _ => screen.error(&mistake(&problem)),
    }
    Err(Exit::Usage)
}

fn mistake(problem: &clap::Error) -> Error {
    let argument = word(problem, ContextKind::InvalidArg);
    let given = value(problem, ContextKind::InvalidValue);
    let message = match problem.kind() {
        ErrorKind::UnknownArgument => t!("usage.unknown-argument", argument = argument),
        ErrorKind::InvalidSubcommand => {
            let command = value(problem, ContextKind::InvalidSubcommand);
            t!("usage.unknown-command", command = command)
        }
        ErrorKind::MissingSubcommand => t!("usage.no-command"),
        ErrorKind::InvalidValue if given.is_empty() => t!("usage.no-value", argument = argument),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            t!("usage.bad-value", argument = argument, value = given)
        }
        ErrorKind::TooManyValues => t!("usage.takes-none", argument = argument, value = given),
        ErrorKind::InvalidUtf8 => t!("usage.not-utf8"),
        ErrorKind::MissingRequiredArgument => t!("usage.missing", arguments = argument),
        ErrorKind::ArgumentConflict => {
            let other = word(problem, ContextKind::PriorArg);
            if other == argument {
                t!("usage.twice", argument = argument)
            } else {
                t!("usage.conflict", argument = argument, other = other)
            }
        }
        kind => t!("usage.other", reason = kind),
    };
    let mut error = Error::usage(message);
    // It says what to write.
    error.hints.extend(problem.source().map(ToString::to_string));
    let near = [
        ContextKind::SuggestedArg,
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedValue,
    ];
    for near in near.map(|kind| value(problem, kind)) {
        if !near.is_empty() {
            error = error.hint(t!("usage.did-you-mean", words = near));
        }
    }
    let values = value(problem, ContextKind::ValidValue);
    if !values.is_empty() {
        error = error.hint(t!("usage.values", values = values));
    }
    error.hint(t!("usage.more"))
}

/// What clap knows of a mistake, as words; nothing if it knows nothing.
fn value(problem: &clap::Error, kind: ContextKind) -> String {
    match problem.get(kind) {
        Some(ContextValue::String(word)) => word.clone(),
        Some(ContextValue::Strings(words)) => words.join(", "),
        _ => String::new(),
    }
}

/// The same for an option; the dots of one that may stand more than once are no part of it.
fn word(problem: &clap::Error, kind: ContextKind) -> String {
    value(problem, kind).trim_end_matches("...").to_owned()
}
