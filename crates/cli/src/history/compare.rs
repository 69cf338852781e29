//! `idscore compare`: a tenant beside others, each group with its source, its day and how many tenants are in it.

mod formats;

use std::path::PathBuf;

use clap::ValueEnum;
use idscore_history::instants::day_of_date;
use jiff::civil::Date;

use super::Of;
use crate::error::{CliError, Exit};
use crate::terminal::Terminal;

/// The score beside that of others: your own tenants, Microsoft's averages, and files of other organisations.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  idscore compare --data data\n  idscore compare --data data --from 2026-10-01 --format csv --output compare.csv"
)]
pub struct Arguments {
    #[command(flatten)]
    of: Of,
    /// The first day, such as 2026-10-01.
    #[arg(long, value_name = "DAY", value_parser = super::day)]
    from: Option<Date>,
    /// The last day.
    #[arg(long, value_name = "DAY", value_parser = super::day)]
    to: Option<Date>,
    /// How to print the comparison.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
    /// Write to a file instead of stdout.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// How to print the comparison.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The newest of every group, for a person at a terminal.
    #[default]
    Table,
    /// One object; fields are only ever added.
    Json,
    /// One row per group and day.
    Csv,
    /// The newest of every group, for a wiki, an issue or a pull request.
    Markdown,
}

/// Reads the comparison and prints it.
pub fn run(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    let from = arguments.from.map_or(0, day_of_date);
    let to = arguments.to.map_or(i64::MAX, day_of_date);
    let comparison = super::wait(async {
        let (archive, tenant) = arguments.of.open().await?;
        let comparison = archive.history.comparison(&tenant.id, from, to).await?;
        archive.history.close().await;
        Ok(comparison)
    })?;
    if comparison.own.is_empty() {
        return Err(CliError::call(
            "no assessment lies between these days",
            "`idscore trend` shows the days that have one",
        ));
    }
    let output = arguments.output.as_deref();
    let text = match arguments.format {
        Format::Table => formats::table(&comparison, &arguments.of.options(), terminal.for_output(output)),
        Format::Markdown => formats::markdown(&comparison),
        Format::Csv => formats::csv(&comparison)?,
        Format::Json => super::json(&comparison)?,
    };
    super::print(&text, output, terminal)?;
    Ok(Exit::Done)
}
