//! `idscore audit head`: how far the log goes.

use std::path::PathBuf;

use idscore_alerts::heads::line;

use super::{FILE, Store, heads};
use crate::error::{CliError, Exit};
use crate::history::{json, print, wait};
use crate::report::words;
use crate::terminal::Terminal;

#[derive(Debug, clap::Args)]
#[command(after_help = "Exit codes: 0 done, 2 the settings are wrong, 3 the head did not arrive everywhere.")]
pub(super) struct Arguments {
    #[command(flatten)]
    store: Store,
    /// Tell the head to every place that audit.toml names, and say whether it arrived.
    #[arg(long)]
    send: bool,
    /// The file that says where the head goes, in place of audit.toml in the data folder.
    #[arg(long, value_name = "FILE", requires = "send")]
    audit: Option<PathBuf>,
    /// Print JSON for programs.
    #[arg(long, conflicts_with = "send")]
    json: bool,
}

pub(super) fn run(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    let data = arguments.store.folder();
    let heads = if arguments.send { heads(data, arguments.audit.as_deref())? } else { None };
    if arguments.send && heads.is_none() {
        return Err(CliError::call(
            format!("there is no `{}`", data.join(FILE).display()),
            "write one with `head_to`: docs/user-guide.md shows how",
        ));
    }
    let (head, results) = wait(async {
        let archive = arguments.store.open().await?;
        let head = archive.history.audit_head().await?;
        archive.history.close().await;
        let results = match (&heads, &head) {
            (Some(heads), Some(head)) => heads.send(head).await,
            _ => Vec::new(),
        };
        Ok((head, results))
    })?;
    if arguments.json {
        print(&json(&head)?, None, terminal)?;
        return Ok(Exit::Done);
    }
    let Some(head) = head else {
        terminal.note("the log has no entry yet");
        return Ok(Exit::Done);
    };
    let mut text = line(head.at, &head) + "\n";
    for (place, result) in &results {
        match result {
            Ok(()) => text.push_str(&format!("{}: told\n", words::visible(place))),
            Err(error) => text.push_str(&format!("{}: not told: {error}\n", words::visible(place))),
        }
    }
    print(&text, None, terminal)?;
    Ok(if results.iter().all(|(_, result)| result.is_ok()) { Exit::Done } else { Exit::Unreached })
}
