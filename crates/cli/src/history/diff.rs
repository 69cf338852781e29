//! `idscore diff A B`: what moved between two assessments, and why.

mod formats;

use std::path::PathBuf;
use std::sync::Arc;

use clap::ValueEnum;
use idscore_store::HistoryError;
use idscore_words::reasons;

use super::Of;
use crate::catalogue;
use crate::error::{CliError, Exit};
use crate::report::{Sets, words};
use crate::terminal::Terminal;

/// Objects and fields that a person reads of each reason before the rest is only counted.
const LIMIT: usize = 10;

/// What moved between two assessments, and why.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  idscore diff 2026-11-20 2026-11-21 --data data\n  idscore diff 2026-10-01 2026-11-01 --data data --set core --format markdown --output november.md"
)]
pub struct Arguments {
    /// The earlier one: a day, an instant, or the id of an assessment.
    #[arg(value_name = "A")]
    before: String,
    /// The later one.
    #[arg(value_name = "B")]
    after: String,
    #[command(flatten)]
    of: Of,
    /// Which controls to show; the two sets never mix.
    #[arg(long, value_enum, default_value_t, value_name = "SET")]
    set: Sets,
    /// Name at most so many objects of each reason.
    #[arg(long, value_name = "N", default_value_t = LIMIT)]
    limit: usize,
    /// How to print the difference.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
    /// Write to a file instead of stdout.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// How to print the difference.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a person at a terminal.
    #[default]
    Table,
    /// Everything, whatever the limit; fields are only ever added.
    Json,
    /// For a wiki, an issue or a pull request.
    Markdown,
}

/// Lays two assessments beside each other and prints what moved.
pub fn run(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    let catalogue = Arc::new(catalogue::load(&[])?);
    let (tenant, found) = super::wait(async {
        let (archive, tenant) = arguments.of.open().await?;
        let found = archive.difference_between(&tenant.id, &arguments.before, &arguments.after, &catalogue).await;
        archive.history.close().await;
        Ok((tenant, found.map_err(visible)?))
    })?;
    if found.swapped {
        terminal.note("the later one was named first; they are compared in the order of time");
    }
    if found.difference.before.id == found.difference.after.id {
        terminal.note("both name the same assessment: a day without one means the last before it");
    }
    for file in &found.difference.unread {
        terminal.warn(&reasons::unread(file));
    }
    let mut found = found.difference;
    found.controls.retain(|control| arguments.set.list().contains(&control.set));
    let output = arguments.output.as_deref();
    let shown = formats::Shown {
        tenant: &tenant,
        found: &found,
        sets: arguments.set,
        limit: arguments.limit,
        options: &arguments.of.options(),
    };
    let text = match arguments.format {
        Format::Table => formats::table(&shown, terminal.for_output(output)),
        Format::Markdown => formats::markdown(&shown),
        Format::Json => super::json(&found)?,
    };
    super::print(&text, output, terminal)?;
    Ok(Exit::Done)
}

/// What a person typed is named in the error, and may hold anything.
fn visible(error: HistoryError) -> HistoryError {
    match error {
        HistoryError::NoAssessment { reason } => HistoryError::NoAssessment { reason: words::visible(&reason) },
        other => other,
    }
}
