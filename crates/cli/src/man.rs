//! `idscore man`

use std::fs;
use std::path::PathBuf;

use clap::CommandFactory;

use crate::error::{CliError, Exit};
use crate::terminal::Data;

/// Prints the manual page, or writes one for every command.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A folder for the pages of all commands, instead of one page on stdout.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Prints the page of `idscore`, or writes all.
pub fn run(arguments: &Arguments) -> Result<Exit, CliError> {
    let command = crate::Arguments::command();
    match &arguments.out {
        Some(folder) => {
            let failed = |source| CliError::WriteOutput { path: folder.clone(), source };
            fs::create_dir_all(folder).map_err(failed)?;
            clap_mangen::generate_to(command, folder).map_err(failed)?;
        }
        None => {
            let mut data = Data::open(None)?;
            clap_mangen::Man::new(command)
                .render(&mut data)
                .map_err(|source| CliError::WriteOutput { path: "stdout".into(), source })?;
            data.finish()?;
        }
    }
    Ok(Exit::Done)
}
