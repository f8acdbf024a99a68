//! The `kprov` program.

use std::process::ExitCode;

use kprov::commands;
use kprov::error::Exit;
use kprov::text::{self, Language};
use kprov::transport::Cancel;

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
    let cancel = Cancel::default();
    if commands::heed_interrupts(&cancel).is_err() {
        return Exit::Host.into();
    }
    commands::run(&cli, &cancel).into()
}
