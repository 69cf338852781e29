//! `idscore`: the Identity Secure Score of a Microsoft Entra ID tenant, from its export, explained.

mod arithmetic;
mod cells;
mod completions;
mod error;
mod man;
mod page;
mod prose;
mod report;
mod terminal;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::{CliError, Exit};
use crate::terminal::{Color, Terminal};

/// The Identity Secure Score of a Microsoft Entra ID tenant, from its export, explained.
#[derive(Debug, Parser)]
#[command(name = "idscore", version, propagate_version = true, max_term_width = 100)]
#[command(
    after_help = "Exit codes: 0 done, 1 the gate failed, 2 the input or the call is wrong, 3 a service could not be reached."
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// When to use colour.
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    color: Color,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Prints the completions of a shell
    Completions(completions::Arguments),
    /// Prints the manual page, or writes one for every command
    Man(man::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let terminal = Terminal::detect(arguments.color);
    match run(&arguments.command, terminal) {
        Ok(exit) => exit.into(),
        Err(error) => {
            terminal.report(&error);
            ExitCode::from(2)
        }
    }
}

fn run(command: &Command, _terminal: Terminal) -> Result<Exit, CliError> {
    match command {
        Command::Completions(arguments) => completions::run(arguments),
        Command::Man(arguments) => man::run(arguments),
    }
}
