//! One verb a file: the only place where plans, providers, the engine and the screen meet.

use std::thread;
use std::time::Duration;

use crate::cli::{Cli, Command};
use crate::error::{Exit, Result};
use crate::t;
use crate::transport::Cancel;
use crate::ui::{Look, Screen};

mod alive;
mod answer;
mod arguments;
mod boxes;
mod check;
mod clocks;
mod destroy;
mod doctor;
mod explain;
mod foreign;
mod halt;
mod init;
mod kubeconfig;
mod lab;
mod lesson;
mod login;
mod made;
mod mend;
mod merged;
mod needs;
mod next;
mod pack;
mod pack_fits;
mod pack_lacks;
mod plan;
mod power;
mod remove;
mod render;
mod rendered;
mod reports;
mod reset;
mod runner;
mod snapshot;
mod ssh;
mod state;
mod status;
mod supplies;
mod up;
mod verify;
mod versions;
mod world;

pub use arguments::read;

/// Does what the command line says and shows the outcome.
#[must_use]
pub fn run(cli: &Cli) -> Exit {
    let global = &cli.global;
    let screen = Screen::std(Look {
        color: global.color,
        quiet: global.quiet,
        verbose: global.verbose,
    });
    let cancel = Cancel::default();
    match heed_interrupts(&cancel, &screen).and_then(|()| dispatch(cli, &screen, &cancel)) {
        Ok(exit) => exit,
        Err(error) => {
            screen.error(&error);
            error.exit
        }
    }
}

fn dispatch(cli: &Cli, screen: &Screen, cancel: &Cancel) -> Result<Exit> {
    let global = &cli.global;
    match &cli.command {
        Command::Init(options) => init::run(global, options, screen),
        Command::Check => check::run(global, screen),
        Command::Render(options) => render::run(global, options, screen, cancel),
        Command::Plan(supply) => plan::run(global, supply, screen, cancel),
        Command::Up(options) => up::run(global, options, screen, cancel),
        Command::Verify(options) => verify::run(global, options, screen, cancel),
        Command::Status => status::run(global, screen, cancel),
        Command::Ssh(options) => ssh::run(global, options, screen, cancel),
        Command::Kubeconfig(options) => kubeconfig::run(global, options, screen),
        Command::Halt(options) => halt::run(global, options, screen, cancel),
        Command::Resume(options) => up::resume(global, options, screen, cancel),
        Command::Reset(options) => reset::run(global, options, screen, cancel),
        Command::Snapshot(command) => snapshot::run(global, command, screen, cancel),
        Command::Pack { command } => pack::run(global, command, screen, cancel),
        Command::Destroy(options) => match &options.node {
            None => destroy::run(global, screen, cancel),
            Some(node) => remove::run(global, node, screen, cancel),
        },
        Command::Doctor(options) => doctor::run(global, options, screen, cancel),
        Command::Explain(options) => explain::run(global, options, screen),
        Command::Versions => versions::run(global, screen),
        Command::Completions { shell } => {
            let mut command = crate::cli::command();
            let mut text = Vec::new();
            clap_complete::generate(*shell, &mut command, "kprov", &mut text);
            screen.data(&String::from_utf8_lossy(&text))?;
            Ok(Exit::Done)
        }
    }
}

/// Until it is said that stopping takes a while: mostly kprov has ended by then.
const STOPPING: Duration = Duration::from_secs(1);

/// The first Ctrl-C asks everything to stop where it can go on later; the second ends kprov at once.
fn heed_interrupts(cancel: &Cancel, screen: &Screen) -> Result<()> {
    let (cancel, screen) = (cancel.clone(), screen.clone());
    ctrlc::set_handler(move || {
        if cancel.is_cancelled() {
            std::process::exit(Exit::Interrupted as i32);
        }
        cancel.cancel();
        let screen = screen.clone();
        thread::spawn(move || {
            thread::sleep(STOPPING);
            screen.note(&t!("cli.stopping"));
        });
    })
    .map_err(|error| crate::error::Error::host(t!("cli.no-handler")).cause(&error))
}
