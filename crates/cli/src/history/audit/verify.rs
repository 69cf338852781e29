//! `idscore audit verify`: whether the log is whole, and holds what was recorded of it elsewhere.

use std::path::PathBuf;

use idscore_alerts::heads::{Compared, is_hash, recorded};
use idscore_history::instants::rfc3339;
use idscore_store::{Archive, HistoryError, Verified};

use super::{Store, heads_of_folder};
use crate::error::{CliError, Exit};
use crate::report::words;
use crate::terminal::Terminal;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    store: Store,
    /// A head that an earlier `verify` printed and that was kept elsewhere: exits with 1 where the log no longer holds it.
    ///
    /// Finds a log that was cut short or rewritten as a whole, which the chain alone can't show.
    #[arg(long, value_name = "HASH", value_parser = head)]
    head: Option<String>,
    /// The file that says where the head goes, in place of audit.toml in the data folder. The log is held against every file of heads
    /// that it names.
    #[arg(long, value_name = "FILE")]
    audit: Option<PathBuf>,
}

/// What the log was held against.
struct Held {
    verified: Verified,
    /// The entry of the head that was given; none where there is no such entry.
    kept: Option<i64>,
    /// Files of heads; those that are not there yet hold nothing.
    files: Vec<(PathBuf, Option<Compared>)>,
}

pub(super) fn run(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    let settings = heads_of_folder(arguments.store.folder(), arguments.audit.as_deref())?;
    let files: Vec<PathBuf> =
        settings.iter().flat_map(|settings| settings.files()).map(std::path::Path::to_owned).collect();
    let held = crate::history::wait(async {
        let archive = arguments.store.open().await?;
        let held = hold(&archive, arguments.head.as_deref(), files).await;
        archive.history.close().await;
        held
    })?;
    match held {
        Ok(held) => tell(&held, arguments.head.is_some(), terminal),
        // The answer is no; that is no failure to answer.
        Err(broken) => {
            terminal.report(&broken.into());
            Ok(Exit::GateFailed)
        }
    }
}

async fn hold(
    archive: &Archive,
    head: Option<&str>,
    files: Vec<PathBuf>,
) -> Result<Result<Held, HistoryError>, CliError> {
    let verified = match archive.history.verify_audit().await {
        Ok(verified) => verified,
        Err(broken @ (HistoryError::Audit { .. } | HistoryError::Damaged { .. })) => return Ok(Err(broken)),
        Err(other) => return Err(other.into()),
    };
    let kept = match head {
        Some(head) => archive.history.audit_sequence(head).await?,
        None => None,
    };
    let mut compared = Vec::with_capacity(files.len());
    for path in files {
        let found = recorded(&path, &archive.history).await?;
        compared.push((path, found));
    }
    Ok(Ok(Held { verified, kept, files: compared }))
}

fn tell(held: &Held, is_head_given: bool, terminal: Terminal) -> Result<Exit, CliError> {
    const REWRITTEN: &str = "compare with a backup; entries of this log cannot be trusted";
    if is_head_given && held.kept.is_none() {
        terminal.report(&CliError::call(
            "the audit log does not hold the head that was kept: it was cut short or rewritten since",
            REWRITTEN,
        ));
        return Ok(Exit::GateFailed);
    }
    for (path, compared) in &held.files {
        let Some(lost) = compared.as_ref().and_then(|compared| compared.contradiction.as_ref()) else { continue };
        let how = if lost.is_there { "has another hash" } else { "is not in the log, which was cut short" };
        terminal.report(&CliError::call(
            format!("`{}`, line {}: entry {} {how}", path.display(), lost.line, lost.sequence),
            format!("{REWRITTEN}; after restoring a backup, begin a new file of heads"),
        ));
        return Ok(Exit::GateFailed);
    }
    crate::history::print(&found(held), None, terminal)?;
    match held.kept {
        Some(sequence) => terminal.note(&format!("the head that was kept is entry {sequence}")),
        None if held.files.is_empty() => {
            terminal.note("keep the head elsewhere; `audit verify --head` then finds a log that was cut short");
        }
        None => {}
    }
    Ok(Exit::Done)
}

fn found(held: &Held) -> String {
    let verified = &held.verified;
    let entries = if verified.entries == 1 { "entry" } else { "entries" };
    let mut text = format!("{} {entries}, all whole\nhead {}\n", verified.entries, verified.head);
    let mut line = |told: String| {
        text.push_str(&told);
        text.push('\n');
    };
    if verified.emptied > 0 {
        let emptied = verified.emptied;
        line(format!("{emptied} of them emptied when their tenant was deleted: who did what when is left"));
    }
    if verified.sealed > 0 {
        let (sealed, seal) = (verified.sealed, verified.sealed.saturating_add(1));
        line(format!("{sealed} of them in the format of version 0.1, sealed by entry {seal}"));
    }
    for (path, compared) in &held.files {
        let path = path.display();
        line(match compared {
            None => format!("`{path}` is not there yet: no head was recorded"),
            Some(Compared { held, unreadable: 0, .. }) => format!("`{path}`: {} held", words::plural(*held, "head")),
            Some(Compared { held, unreadable, .. }) => {
                format!("`{path}`: {} held, {unreadable} lines that are no heads", words::plural(*held, "head"))
            }
        });
    }
    for remark in &verified.remarks {
        let (at, before) = (rfc3339(remark.at), rfc3339(remark.before));
        line(format!(
            "remark: entry {} is of {at}, the one before it of {before}: the clock was set back",
            remark.sequence
        ));
    }
    if verified.more_remarks > 0 {
        line(format!("remark: and {} entries more before which the clock was set back", verified.more_remarks));
    }
    let since = verified.deletions.iter().filter(|deletion| held.kept.is_some_and(|kept| deletion.sequence > kept));
    for deletion in since {
        let (sequence, entries) = (deletion.sequence, deletion.entries);
        line(format!(
            "remark: since the head that was kept, entry {sequence} deleted a tenant and emptied {entries} entries"
        ));
    }
    text
}

fn head(text: &str) -> Result<String, String> {
    if is_hash(text) { Ok(text.to_ascii_lowercase()) } else { Err("a head has 64 hexadecimal digits".to_owned()) }
}
