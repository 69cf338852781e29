//! `idscore benchmark export|merge`: files in which organisations tell each other how their tenants do.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use idscore_history::benchmark::{BenchmarkFile, Grouping};
use idscore_history::instants::{date_of, day_of};
use idscore_store::{ExportRequest, OsRandom, now};
use jiff::civil::Date;
use sha2::{Digest, Sha256};

use super::{Store, json, operator, wait};
use crate::error::{CliError, Exit};
use crate::report::words;
use crate::terminal::{Data, Terminal};

/// Files in which organisations tell each other how their tenants do, without telling of any one.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Writes a month of your tenants for others: counts with noise, and nothing that names a tenant
    Export(Export),
    /// Keeps files of others, which `compare` then shows
    Merge(Merge),
}

/// Writes a month of your tenants for others: counts with noise, and nothing that names a tenant.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  idscore benchmark export --epsilon 1 --by size --output november.json --data data")]
struct Export {
    #[command(flatten)]
    store: Store,
    /// What the file may tell about any one tenant, from 0.01 to 10: smaller is more noise and better protected.
    #[arg(long, value_name = "EPSILON")]
    epsilon: f64,
    /// The month, such as 2026-11 [default: that of the newest assessment].
    #[arg(long, value_name = "MONTH", value_parser = month)]
    month: Option<Date>,
    /// What divides the tenants; fewer cells mean less noise for each.
    #[arg(long, value_enum, default_value_t, value_name = "GROUPS")]
    by: By,
    /// How the file names its writer [default: a random label].
    #[arg(long, value_name = "LABEL")]
    source: Option<String>,
    /// Invented tenants in place of real ones.
    #[arg(long)]
    invented: bool,
    /// Write a month that was written before: what all its files tell adds up.
    #[arg(long)]
    again: bool,
    /// Write to a file instead of stdout.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// What divides the tenants of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum By {
    /// A cell for every industry and size.
    #[default]
    IndustryAndSize,
    /// A cell for every industry.
    Industry,
    /// A cell for every size.
    Size,
    /// One cell.
    All,
}

/// Keeps files of others, which `compare` then shows.
#[derive(Debug, clap::Args)]
struct Merge {
    #[command(flatten)]
    store: Store,
    /// The files.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

fn month(text: &str) -> Result<Date, String> {
    let day = format!("{text}-01").parse::<Date>().ok().filter(|day| day.strftime("%Y-%m").to_string() == text);
    day.ok_or_else(|| "a month is written like 2026-11".to_owned())
}

/// Runs one of the two.
pub fn run(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    match &arguments.command {
        Command::Export(export) => export.run(terminal)?,
        Command::Merge(merge) => merge.run(terminal)?,
    }
    Ok(Exit::Done)
}

impl Export {
    fn run(&self, terminal: Terminal) -> Result<(), CliError> {
        let at = now();
        let request = ExportRequest {
            month: self.month,
            grouping: match self.by {
                By::IndustryAndSize => Grouping::IndustryAndSize,
                By::Industry => Grouping::Industry,
                By::Size => Grouping::Size,
                By::All => Grouping::All,
            },
            epsilon: self.epsilon,
            invented: self.invented,
            again: self.again,
            source: self.source.clone(),
            written_on: date_of(day_of(at)).unwrap_or_default(),
        };
        // A place that can't be written to must not cost the month.
        let mut data = Data::open(self.output.as_deref())?;
        let exported = wait(async {
            let archive = self.store.open().await?;
            let exported =
                archive.history.export_benchmark(&operator(), &request, &mut OsRandom::default(), at).await?;
            archive.history.close().await;
            Ok(exported)
        })?;
        let path = self.output.as_deref().unwrap_or("stdout".as_ref());
        data.write_all(json(&exported.file)?.as_bytes())
            .map_err(|source| CliError::WriteOutput { path: path.to_owned(), source })?;
        data.finish()?;
        let cells = words::plural(exported.file.cells.len(), "cell");
        terminal.note(&format!("{} with {cells} that stand for enough tenants", exported.file.month));
        if exported.file.cells.is_empty() {
            terminal.warn("no cell is large enough for this epsilon; --by all or --by size makes larger ones");
        }
        terminal.note(&format!(
            "a tenant is protected with epsilon {} for this month, and {} over all files of this store",
            exported.spent_on_month, exported.spent
        ));
        Ok(())
    }
}

/// No file that this program writes comes near.
const LARGEST: u64 = 4 << 20;

impl Merge {
    fn run(&self, terminal: Terminal) -> Result<(), CliError> {
        let mut files = Vec::with_capacity(self.files.len());
        for path in &self.files {
            let bytes = read(path)?;
            let file = BenchmarkFile::parse(&bytes).map_err(|error| {
                CliError::call(
                    format!("cannot merge `{}`: {error}", path.display()),
                    "nothing was merged; ask for a file as `idscore benchmark export` writes it",
                )
            })?;
            files.push((Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect(), file));
        }
        let new = wait(async {
            let archive = self.store.open().await?;
            let new = archive.history.merge_benchmarks(&operator(), &files).await?;
            archive.history.close().await;
            Ok(new)
        })?;
        for (path, (_, file)) in self.files.iter().zip(&files) {
            let (source, cells) = (words::visible(&file.source), words::plural(file.cells.len(), "cell"));
            terminal.note(&format!("`{}`: {cells} of {}, written by {source}", path.display(), file.month));
        }
        let new = words::plural(new, "new file");
        terminal.note(&format!("{new} merged; `{} compare` shows the cells that fit", words::program()));
        Ok(())
    }
}

fn read(path: &Path) -> Result<Vec<u8>, CliError> {
    let failed = |reason: String| {
        CliError::call(format!("cannot read `{}`: {reason}", path.display()), "give the files that others wrote")
    };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| failed(error.to_string()))?;
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| failed(error.to_string()))?;
    if bytes.len() as u64 > LARGEST {
        return Err(failed("it is too large to be a benchmark file".to_owned()));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_not_a_day() {
        assert_eq!(month("2026-11").unwrap().to_string(), "2026-11-01");
        assert!(["2026-11-01", "2026-13", "november", "26-11"].iter().all(|text| month(text).is_err()));
    }
}
