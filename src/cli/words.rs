//! The help of the command line in the user's language.
//!
//! What clap would say of itself in English (headings, defaults, possible values) comes from the message files
//! as well: `help.about-COMMAND`, `help.after-COMMAND`, `help.option-NAME` for options of every command,
//! `help.option-COMMAND-NAME` for its own, `help.value-WORD` for what stands for a value.

use std::fmt::Write as _;

use clap::builder::{Resettable, StyledStr, Styles};
use clap::{Arg, Command};

use crate::t;
use crate::text::optional;

/// The same command with one help for `-h` and `--help`.
pub(super) fn short(command: Command) -> Command {
    command
        .long_about(Resettable::Reset)
        .mut_args(|arg| {
            let values = arg.get_action().takes_values();
            arg.hide_possible_values(values).long_help(Resettable::Reset)
        })
        .mut_subcommands(short)
}

/// The help of `command`, whose message keys end in `name`, and of all below it.
pub(super) fn told(command: Command, name: &str, global: &[String]) -> Command {
    let mut command = command
        .help_template(template())
        .subcommand_help_heading(t!("help.word-commands"))
        .subcommand_value_name(t!("help.word-command"));
    if let Some(about) = optional(&format!("help.about-{name}")) {
        command = command.about(about);
    }
    if let Some(after) = optional(&format!("help.after-{name}")) {
        command = command.after_help(after.trim_end().to_owned());
    }
    command = command.mut_args(|arg| option(arg, name, global));
    let names: Vec<String> = command
        .get_subcommands()
        .map(|below| below.get_name().to_owned())
        .collect();
    for below in names {
        // `kprov snapshot save` is `snapshot-save`; the commands that `kprov help` repeats have their own words.
        let key = match name {
            "kprov" | "help" => below.clone(),
            _ if below == "help" => below.clone(),
            _ => format!("{name}-{below}"),
        };
        command = command.mut_subcommand(below, |below| told(below, &key, global));
    }
    match usage(&mut command) {
        Some(usage) => command.override_usage(usage),
        None => command,
    }
}

/// How the command is written, as clap says it, with the one word of it that clap takes from nowhere.
fn usage(command: &mut Command) -> Option<StyledStr> {
    let usage = command.render_usage().ansi().to_string();
    // The heading is the template's.
    let (_, usage) = usage.split_once("Usage:")?.1.split_once(' ')?;
    Some(
        usage
            .replace("[OPTIONS]", &format!("[{}]", t!("help.word-any-options")))
            .into(),
    )
}

/// As clap's own, with the heading before the usage in the user's language.
fn template() -> StyledStr {
    let heading = Styles::styled().get_header().to_owned();
    let word = t!("help.word-usage");
    let mut text = StyledStr::new();
    let _ = write!(
        text,
        "{{before-help}}{{about-with-newline}}\n{heading}{word}{heading:#} {{usage}}\n\n{{all-args}}{{after-help}}"
    );
    text
}

fn option(arg: Arg, command: &str, global: &[String]) -> Arg {
    let id = arg.get_id().as_str().replace('_', "-");
    let common = matches!(id.as_str(), "help" | "version") || global.contains(&id);
    let key = if common {
        format!("help.option-{id}")
    } else {
        format!("help.option-{command}-{id}")
    };
    let heading = if arg.is_positional() {
        t!("help.word-arguments")
    } else {
        t!("help.word-options")
    };
    let arg = match arg.get_value_names() {
        Some([value]) if arg.get_action().takes_values() => {
            let key = format!("help.value-{}", value.to_lowercase().replace(':', "-"));
            let value = optional(&key).unwrap_or_else(|| value.to_string());
            arg.value_name(value)
        }
        _ => arg,
    };
    let text = optional(&key).or_else(|| arg.get_help().map(ToString::to_string));
    let notes = notes(&arg);
    let place = global.iter().position(|known| *known == id);
    let arg = match (arg.get_index(), place) {
        (Some(index), _) => arg.display_order(index),
        // After the command's own.
        (None, Some(place)) => arg.display_order(100 + place),
        (None, None) if common => arg.display_order(200),
        (None, None) => arg,
    };
    arg.help_heading(heading)
        .help(text.unwrap_or_default() + &notes)
        .hide_default_value(true)
        .hide_env(true)
}

/// ` [default: text] [possible values: text, json]`
fn notes(arg: &Arg) -> String {
    let mut notes = String::new();
    if !arg.get_action().takes_values() {
        return notes;
    }
    if let Some(variable) = arg.get_env() {
        let _ = write!(
            notes,
            " [{}]",
            t!("help.note-variable", name = variable.display())
        );
    }
    let defaults: Vec<_> = arg
        .get_default_values()
        .iter()
        .map(|value| value.to_string_lossy())
        .collect();
    if !defaults.is_empty() {
        let _ = write!(
            notes,
            " [{}]",
            t!("help.note-default", value = defaults.join(", "))
        );
    }
    let values: Vec<String> = arg
        .get_possible_values()
        .iter()
        .filter(|value| !value.is_hide_set())
        .map(|value| value.get_name().to_owned())
        .collect();
    if !values.is_empty() {
        let _ = write!(notes, " [{}]", t!("help.note-values", values = values.join(", ")));
    }
    notes
}
