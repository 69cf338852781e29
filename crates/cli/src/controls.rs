//! `idscore controls list|show|lint|test`

mod lint;
mod list;
mod show;

use std::path::PathBuf;

use clap::Subcommand;

use crate::error::{CliError, Exit};
use crate::terminal::Terminal;

/// The catalogue of controls.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// A folder with the organisation's own controls; may be given more than once.
    #[arg(long, global = true, value_name = "DIR")]
    controls: Vec<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// All controls in a table
    List(list::Arguments),
    /// Everything about one control
    Show(show::Arguments),
    /// Names file and line of every mistake in the control files; exits with 1 when there is one
    Lint,
    /// Runs the cases in the control files; exits with 1 when one fails
    Test,
}

/// Does what the subcommand says.
pub fn run(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    match &arguments.command {
        Command::List(list) => list::run(list, &arguments.controls, terminal),
        Command::Show(show) => show::run(show, &arguments.controls, terminal),
        Command::Lint => lint::lint(&arguments.controls),
        Command::Test => lint::test(&arguments.controls),
    }
}
