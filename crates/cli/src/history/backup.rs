//! `idscore backup FILE` and `idscore restore FILE`: a data folder in one file, and back.

use std::path::PathBuf;

use idscore_store::Archive;

use super::Store;
use crate::error::{CliError, Exit};
use crate::report::words;
use crate::terminal::Terminal;

/// Writes a data folder into one file, while others may go on using it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  idscore backup --data data idscore-2026-11-20.tar.gz")]
pub struct BackupArguments {
    /// The file, a .tar.gz; it names people, so keep it as safe as the folder.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    store: Store,
}

/// Makes a data folder of a backup.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  idscore restore --data data idscore-2026-11-20.tar.gz")]
pub struct RestoreArguments {
    /// The file that `idscore backup` wrote.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The folder to make; it must not be there, or be empty.
    #[arg(long, value_name = "DIR", env = "IDSCORE_DATA", hide_env_values = true)]
    data: PathBuf,
}

/// Writes the file.
pub fn backup(arguments: &BackupArguments, terminal: Terminal) -> Result<Exit, CliError> {
    super::wait(async {
        let archive = arguments.store.open().await?;
        archive.backup(&arguments.file).await?;
        archive.history.close().await;
        Ok(())
    })?;
    terminal.note(&format!("wrote `{}`", arguments.file.display()));
    terminal.note("it holds who has no second factor: keep it as safe as the data folder");
    Ok(Exit::Done)
}

/// Makes the folder.
pub fn restore(arguments: &RestoreArguments, terminal: Terminal) -> Result<Exit, CliError> {
    let restored = super::wait(async { Ok(Archive::restore(&arguments.data, &arguments.file).await?) })?;
    let data = arguments.data.display();
    match restored.checked {
        Some(files) => terminal.note(&format!("{}, each as the backup's manifest says", words::plural(files, "file"))),
        None => terminal.warn(
            "an older version wrote this backup, without a manifest: nothing shows whether its snapshots and evidence are as they were",
        ),
    }
    let entries = restored.verified.entries;
    terminal.note(&format!("restored into `{data}`: {entries} entries in the audit log, all whole"));
    let place = words::shell_word(&data.to_string());
    terminal.note(&format!("next: `{} trend --data {place}`", words::program()));
    Ok(Exit::Done)
}
