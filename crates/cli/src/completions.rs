//! `idscore completions SHELL`

use std::io::Write;

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
    // The generator panics where it can't write, so it writes to memory.
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut crate::Arguments::command(), "idscore", &mut script);
    let mut data = Data::open(None)?;
    data.write_all(&script).map_err(|source| CliError::WriteOutput { path: "stdout".into(), source })?;
    data.finish()?;
    Ok(Exit::Done)
}
