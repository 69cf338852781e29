//! `idscore audit`: who did what, and whether the log is whole.

mod head;
mod verify;

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use clap::{Subcommand, ValueEnum};
use idscore_alerts::PATIENCE;
use idscore_alerts::heads::{HeadSettings, Heads};
use idscore_store::{ActorKind, AuditEntry};

use super::{Store, moves, settings_file};
use crate::error::{CliError, Exit};
use crate::page::{Page, Tone};
use crate::report::words;
use crate::terminal::Terminal;

/// The file in the data folder that says where the head of the log goes.
const FILE: &str = "audit.toml";
/// Entries read at a time.
const PAGE: i64 = 1_000;

/// The audit log: who did what, chained by hash.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Follows the chain of hashes; exits with 1 where an entry was changed, removed or put in between
    Verify(verify::Arguments),
    /// The entries, oldest first
    List(ListArguments),
    /// The newest entry's number, instant and hash, to be kept elsewhere; --send tells it to the places of audit.toml
    Head(head::Arguments),
}

#[derive(Debug, clap::Args)]
struct ListArguments {
    #[command(flatten)]
    store: Store,
    /// Entries about this tenant only.
    #[arg(long, value_name = "ID")]
    tenant: Option<String>,
    /// The newest so many.
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: usize,
    /// How to print the entries.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
    /// Write to a file instead of stdout.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// How to print the entries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a person at a terminal.
    #[default]
    Table,
    /// Every entry with its detail and hash.
    Json,
}

/// Runs one of the commands.
pub fn run(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    match &arguments.command {
        Command::Verify(arguments) => verify::run(arguments, terminal),
        Command::List(arguments) => list(arguments, terminal),
        Command::Head(arguments) => head::run(arguments, terminal),
    }
}

/// Where the head goes; nowhere where the data folder has no `audit.toml` and none is named.
fn heads_of_folder(data: &Path, named: Option<&Path>) -> Result<Option<HeadSettings>, CliError> {
    Ok(settings_file(data, FILE, named).map(|path| HeadSettings::read(&path)).transpose()?)
}

/// The places that the head goes to, ready to be told it; none where no file names any.
pub fn heads(data: &Path, named: Option<&Path>) -> Result<Option<Heads>, CliError> {
    let variable = |name: &str| std::env::var(name).ok();
    let open = |settings| Heads::open(&settings, &variable, PATIENCE);
    Ok(heads_of_folder(data, named)?.map(open).transpose()?)
}

fn list(arguments: &ListArguments, terminal: Terminal) -> Result<Exit, CliError> {
    let entries = super::wait(async {
        let archive = arguments.store.open().await?;
        let mut newest = VecDeque::new();
        let mut after = 0;
        loop {
            let page = archive.history.audit(arguments.tenant.as_deref(), after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.sequence;
            newest.extend(page);
            newest.drain(..newest.len().saturating_sub(arguments.limit));
        }
        archive.history.close().await;
        Ok(newest)
    })?;
    let output = arguments.output.as_deref();
    let text = match arguments.format {
        Format::Table => table(entries.iter(), terminal.for_output(output)),
        Format::Json => super::json(&entries)?,
    };
    super::print(&text, output, terminal)?;
    Ok(Exit::Done)
}

/// The name, and where an operator gave another one the user behind it.
fn who(entry: &AuditEntry) -> String {
    let AuditEntry { actor, actor_id, .. } = entry;
    let is_claimed = entry.actor_kind == ActorKind::Operator && actor != actor_id;
    if is_claimed { format!("{actor} ({actor_id})") } else { actor.clone() }
}

fn table<'a>(entries: impl Iterator<Item = &'a AuditEntry>, terminal: Terminal) -> String {
    let mut page = Page::new(terminal);
    let mut table = page.table(&["", "When", "Kind", "Who", "What", "To what"]);
    for entry in entries {
        table.add_row(vec![
            page.number(Tone::Quiet, &entry.sequence.to_string()),
            page.cell(Tone::Plain, &moves::instant(entry.at)),
            page.cell(Tone::Quiet, entry.actor_kind.word()),
            page.cell(Tone::Plain, &words::visible(&who(entry))),
            page.cell(Tone::Strong, &entry.action),
            page.cell(Tone::Plain, &words::visible(&entry.subject)),
        ]);
    }
    page.put(&table);
    page.into_text()
}
