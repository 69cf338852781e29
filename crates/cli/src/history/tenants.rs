//! `idscore tenant`: what a store knows about its tenants besides their scores.

use idscore_history::benchmark;
use idscore_score::Zones;

use super::{By, Of, Store, operator, sure, wait};
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
    /// Deletes a tenant with everything that is kept of it
    Delete(Delete),
}

/// Deletes a tenant: its assessments, plan, reviews, tokens, snapshots, evidence and configuration.
///
/// In the audit log its entries keep who did what when, and lose what was said; the chain of hashes stays whole. Backups
/// still hold the tenant.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  idscore tenant delete 33333333-0000-4000-8000-0000000000f1 --data data")]
struct Delete {
    /// The tenant's id.
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    store: Store,
    /// Delete without asking.
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    by: By,
}

/// Says the industry, which puts the tenant among others of the same, and the zones of the score.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  idscore tenant set --industry 'public sector' --data data\n  idscore tenant set --zones 50,75 --data data"
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
    match &arguments.command {
        Command::Set(set) => say(set, terminal),
        Command::Delete(asked) => delete(asked, terminal),
    }
}

fn delete(asked: &Delete, terminal: Terminal) -> Result<Exit, CliError> {
    wait(async {
        let archive = asked.store.open().await?;
        let tenants = archive.history.tenants().await?;
        let Some(tenant) = tenants.iter().find(|tenant| tenant.id.eq_ignore_ascii_case(&asked.id)) else {
            return Err(CliError::call(
                format!("there is no tenant `{}`", words::visible(&asked.id)),
                "`idscore compare` and `idscore trend` name the tenants of a store",
            ));
        };
        let name = if tenant.display_name.is_empty() { "no name" } else { tenant.display_name.as_str() };
        let question = format!("delete {} ({}) with everything that is kept of it?", tenant.id, words::visible(name));
        if !sure(asked.yes, &question, terminal)? {
            archive.history.close().await;
            return Ok(Exit::Done);
        }
        let deleted = archive.delete_tenant(&asked.by.actor(), &tenant.id).await?;
        archive.history.close().await;
        terminal.note(&format!(
            "deleted {}: {}, {} in all, its snapshots and evidence; emptied entries of the audit log: {}",
            tenant.id,
            words::plural(count(deleted.assessments), "assessment"),
            words::plural(count(deleted.rows), "row"),
            deleted.emptied,
        ));
        if !deleted.reclaimed {
            terminal.note("the database still has the bytes of deleted rows in its files, until it writes over them");
        }
        terminal.note("backups still hold the tenant");
        Ok(Exit::Done)
    })
}

fn count(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Says the industry and the zones.
fn say(set: &Set, terminal: Terminal) -> Result<Exit, CliError> {
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
