//! The `kprov` program.

use std::process::ExitCode;

use kprov::commands;
use kprov::text::{self, Language};

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    let readable: Vec<String> = arguments
        .iter()
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    text::speak(Language::choose(&readable, |name| std::env::var(name).ok()));
    let cli = match commands::read(arguments) {
        Ok(cli) => cli,
        Err(exit) => return exit.into(),
    };
    commands::run(&cli).into()
}
