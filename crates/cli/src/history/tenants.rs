//! `idscore tenant`: what a store knows about its tenants besides their scores.

use idscore_history::benchmark;
use idscore_score::Zones;

use super::{Of, operator, wait};
use crate::error::{CliError, Exit};
use crate::report::words;
use crate::terminal::Terminal;

/// What the store knows about a tenant besides its score.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Says the industry and the zones of the score
    Set(Set),
}

/// Says the industry, which puts the tenant among others of the same, and the zones of the score.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  idscore tenant set --industry 'public sector' --data history\n  idscore tenant set --zones 50,75 --data history"
)]
struct Set {
    #[command(flatten)]
    of: Of,
    /// The industry, in your own words.
    #[arg(long, value_name = "INDUSTRY", required_unless_present = "zones")]
    industry: Option<String>,
    /// Where the score begins to be okay and good, in whole percent; shown by `trend`, no score follows from it.
    ///
    /// Until they are set, okay begins at 50 and good at 75.
    #[arg(long, value_name = "OKAY,GOOD")]
    zones: Option<Zones>,
}

/// Writes it down.
pub fn run(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    let Command::Set(set) = &arguments.command;
    let industry = set.industry.as_deref().map(str::trim);
    if industry.is_some_and(|text| text.is_empty() || text.chars().count() > 100 || text.chars().any(char::is_control))
    {
        return Err(CliError::call("an industry has 1 to 100 characters on one line", "such as --industry retail"));
    }
    wait(async {
        let (archive, tenant) = set.of.open().await?;
        if let Some(industry) = industry {
            archive.history.set_industry(&operator(), &tenant.id, industry).await?;
        }
        if let Some(zones) = set.zones {
            archive.history.set_zones(&operator(), &tenant.id, zones).await?;
        }
        archive.history.close().await;
        Ok(())
    })?;
    if let Some(industry) = industry {
        told(industry, terminal);
    }
    if let Some(zones) = set.zones {
        terminal.note(&format!("the score is okay from {} % and good from {} %", zones.okay(), zones.good()));
    }
    Ok(Exit::Done)
}

fn told(industry: &str, terminal: Terminal) {
    terminal.note(&format!("the industry is {}", words::visible(industry)));
    let label = benchmark::industry_label(industry);
    if !label.eq_ignore_ascii_case(industry) {
        let known = benchmark::INDUSTRIES.join(", ");
        terminal.note(&format!("in files for other organisations it counts as `{label}`; these have a name: {known}"));
    }
}
