//! `idscore audit`: who did what, and whether the log is whole.

use std::collections::VecDeque;
use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use idscore_history::{AuditEntry, HistoryError};

use super::{Store, moves};
use crate::error::{CliError, Exit};
use crate::page::{Page, Tone};
use crate::report::words;
use crate::terminal::Terminal;

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
    Verify(VerifyArguments),
    /// The entries, oldest first
    List(ListArguments),
}

#[derive(Debug, clap::Args)]
struct VerifyArguments {
    #[command(flatten)]
    store: Store,
    /// A head that an earlier `verify` printed and that was kept elsewhere: exits with 1 where the log no longer holds it.
    ///
    /// Finds a log that was cut short or rewritten as a whole, which the chain alone can't show.
    #[arg(long, value_name = "HASH", value_parser = head)]
    head: Option<String>,
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
        Command::Verify(arguments) => verify(arguments, terminal),
        Command::List(arguments) => list(arguments, terminal),
    }
}

fn verify(arguments: &VerifyArguments, terminal: Terminal) -> Result<Exit, CliError> {
    let (verified, kept) = super::wait(async {
        let archive = arguments.store.open().await?;
        let verified = archive.history.verify_audit().await;
        let kept = match (&verified, &arguments.head) {
            (Ok(_), Some(head)) => archive.history.audit_sequence(head).await?,
            _ => None,
        };
        archive.history.close().await;
        Ok((verified, kept))
    })?;
    match verified {
        Ok(_) if arguments.head.is_some() && kept.is_none() => {
            terminal.report(&CliError::call(
                "the audit log does not hold the head that was kept: it was cut short or rewritten since",
                "compare with a backup; entries of this log cannot be trusted",
            ));
            Ok(Exit::GateFailed)
        }
        Ok(verified) => {
            let entries = if verified.entries == 1 { "entry" } else { "entries" };
            let mut text = format!("{} {entries}, all whole\nhead {}\n", verified.entries, verified.head);
            if verified.emptied > 0 {
                text.push_str(&format!(
                    "{} of them emptied when their tenant was deleted: who did what when is left\n",
                    verified.emptied
                ));
            }
            super::print(&text, None, terminal)?;
            match kept {
                Some(sequence) => terminal.note(&format!("the head that was kept is entry {sequence}")),
                None => {
                    terminal.note("keep the head elsewhere; `audit verify --head` then finds a log that was cut short")
                }
            }
            Ok(Exit::Done)
        }
        // The answer is no; that is no failure to answer.
        Err(broken @ HistoryError::Audit { .. }) => {
            terminal.report(&broken.into());
            Ok(Exit::GateFailed)
        }
        Err(other) => Err(other.into()),
    }
}

fn head(text: &str) -> Result<String, String> {
    let digits = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if digits { Ok(text.to_ascii_lowercase()) } else { Err("a head has 64 hexadecimal digits".to_owned()) }
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

fn table<'a>(entries: impl Iterator<Item = &'a AuditEntry>, terminal: Terminal) -> String {
    let mut page = Page::new(terminal);
    let mut table = page.table(&["", "When", "Who", "What", "To what"]);
    for entry in entries {
        table.add_row(vec![
            page.number(Tone::Quiet, &entry.sequence.to_string()),
            page.cell(Tone::Plain, &moves::instant(entry.at)),
            page.cell(Tone::Plain, &words::visible(&entry.actor)),
            page.cell(Tone::Strong, &entry.action),
            page.cell(Tone::Plain, &words::visible(&entry.subject)),
        ]);
    }
    page.put(&table);
    page.into_text()
}
