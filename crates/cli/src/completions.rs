//! `idscore completions SHELL`

use clap::CommandFactory;
use clap_complete::Shell;

use crate::error::{CliError, Exit};
use crate::terminal::Data;

/// Prints the completions of a shell.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints them to stdout.
pub fn run(arguments: &Arguments) -> Result<Exit, CliError> {
    let mut data = Data::open(None)?;
    clap_complete::generate(arguments.shell, &mut crate::Arguments::command(), "idscore", &mut data);
    data.finish()?;
    Ok(Exit::Done)
}
