//! The `kprov` program.

use std::process::ExitCode;

use clap::Parser;
use kprov::cli::Cli;
use kprov::commands;
use kprov::error::Exit;
use kprov::transport::Cancel;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let cancel = Cancel::default();
    if commands::heed_interrupts(&cancel).is_err() {
        return Exit::Host.into();
    }
    commands::run(&cli, &cancel).into()
}
