//! `idscore diff A B`: what moved between two assessments, and why.

mod formats;

use std::path::PathBuf;

use clap::ValueEnum;
use idscore_history::instants::{DAY, day_of_date};
use idscore_history::{Archive, Cause, KeptAssessment, Tenant};
use jiff::Timestamp;
use jiff::civil::Date;

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
    after_help = "Examples:\n  idscore diff 2026-11-20 2026-11-21 --data history\n  idscore diff 2026-10-01 2026-11-01 --data history --set core --format markdown --output november.md"
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
    let catalogue = catalogue::load(&[])?;
    let (tenant, mut found) = super::wait(async {
        let (archive, tenant) = arguments.of.open().await?;
        let mut before = one(&archive, &tenant, &arguments.before).await?;
        let mut after = one(&archive, &tenant, &arguments.after).await?;
        let order = |kept: &KeptAssessment| (kept.assessed_at, kept.sequence);
        if order(&after) < order(&before) {
            std::mem::swap(&mut before, &mut after);
            terminal.note("the later one was named first; they are compared in the order of time");
        }
        if (before.cause == Cause::Microsoft) != (after.cause == Cause::Microsoft) {
            return Err(CliError::call(
                "one is Microsoft's own number and the other is ours; they measure differently",
                "name two assessments of one kind; `idscore trend` says which days are Microsoft's",
            ));
        }
        let rests = |id: &str| catalogue.rests_on_policies(id);
        let found = archive.difference(&before, &after, &rests).await?;
        archive.history.close().await;
        Ok((tenant, found))
    })?;
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

/// The assessment that a person means.
async fn one(archive: &Archive, tenant: &Tenant, text: &str) -> Result<KeptAssessment, CliError> {
    let history = &archive.history;
    let missing = |what: String| CliError::call(what, "`idscore trend` shows the days, its JSON the ids");
    if let Ok(date) = text.parse::<Date>()
        && text.len() == 10
    {
        let day = day_of_date(date);
        if let Some(kept) = history.newest_per_day(&tenant.id, day, day, 1).await?.pop() {
            return Ok(kept);
        }
        let last = history.assessment_at(&tenant.id, (day + 1) * DAY - 1).await?;
        return last.ok_or_else(|| missing(format!("there is no assessment on {date} or before")));
    }
    if let Ok(instant) = text.parse::<Timestamp>() {
        let last = history.assessment_at(&tenant.id, instant.as_microsecond()).await?;
        return last.ok_or_else(|| missing(format!("there is no assessment at {instant} or before")));
    }
    match history.assessment(&tenant.id, text).await {
        Err(idscore_history::HistoryError::NotFound { .. }) => {
            Err(missing(format!("`{}` is no day, no instant and no id of an assessment", words::visible(text))))
        }
        other => Ok(other?),
    }
}
