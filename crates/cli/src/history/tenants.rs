//! `idscore tenant`: what a store knows about its tenants besides their scores.

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
    /// Says the industry, which puts the tenant among others of the same
    Set(Set),
}

/// Says the industry, which puts the tenant among others of the same.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  idscore tenant set --industry 'public sector' --data history")]
struct Set {
    #[command(flatten)]
    of: Of,
    /// The industry, in your own words.
    #[arg(long, value_name = "INDUSTRY")]
    industry: String,
}

/// Writes it down.
pub fn run(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    let Command::Set(set) = &arguments.command;
    let industry = set.industry.trim();
    if industry.is_empty() || industry.chars().count() > 100 || industry.chars().any(char::is_control) {
        return Err(CliError::call("an industry has 1 to 100 characters on one line", "such as --industry retail"));
    }
    wait(async {
        let (archive, tenant) = set.of.open().await?;
        archive.history.set_industry(&operator(), &tenant.id, industry).await?;
        archive.history.close().await;
        Ok(())
    })?;
    terminal.note(&format!("the industry is {}", words::visible(industry)));
    let label = idscore_history::benchmark::industry_label(industry);
    if !label.eq_ignore_ascii_case(industry) {
        let known = idscore_history::benchmark::INDUSTRIES.join(", ");
        terminal.note(&format!("in files for other organisations it counts as `{label}`; these have a name: {known}"));
    }
    Ok(Exit::Done)
}
