//! `idscore plan`: what is decided about each action, and what that does to the score.

mod effect;
mod file;
mod show;

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use idscore_history::{ActionChange, Tenant};
use idscore_score::Status;
use idscore_store::{Actor, Archive, now};
use jiff::Timestamp;
use jiff::civil::Date;

use super::{Of, Saving};
use crate::catalogue;
use crate::error::{CliError, Exit};
use crate::report::words;
use crate::terminal::Terminal;

/// The action plan: who does what until when, what is accepted, and what that does to the score.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The actions with points to win, and what is decided about each
    Show(show::Arguments),
    /// Decides about actions; shows the effect on the score first
    Set(SetArguments),
    /// Applies decisions from a file, all or none; shows the effect on the score first
    Import(ImportArguments),
    /// Writes what is decided as a file that `import` reads
    Export(ExportArguments),
}

/// Decides about actions.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  idscore plan set AdminMFAV2 --status planned --owner 'Nora Stein' --due 2027-01-31 --data data\n  idscore plan set UserRiskPolicy --status riskAccepted --approver 'Greta Lund' --reason 'no P2 yet' --expires 2027-06-30 --data data"
)]
struct SetArguments {
    /// The controls' ids, such as AdminMFAV2.
    #[arg(value_name = "CONTROL", required = true)]
    controls: Vec<String>,
    /// The decision.
    #[arg(long, value_enum, value_name = "STATUS")]
    status: Option<Decided>,
    /// A note.
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Who does it, or answers for it.
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// When it is to be done.
    #[arg(long, value_name = "DAY", value_parser = super::day)]
    due: Option<Date>,
    /// A word to find it by; may be given more than once and replaces those that were there.
    #[arg(long, value_name = "WORD")]
    tag: Vec<String>,
    /// Who approved an acceptance or a mitigation.
    #[arg(long, value_name = "NAME")]
    approver: Option<String>,
    /// Why it is accepted, or what mitigates.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// The last day on which an acceptance or a mitigation counts.
    #[arg(long, value_name = "DAY", value_parser = super::day)]
    expires: Option<Date>,
    #[command(flatten)]
    of: Of,
    #[command(flatten)]
    saving: Saving,
}

/// The statuses that somebody can decide on; that an action is completed is said by the data alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "camelCase")]
enum Decided {
    /// Nothing decided; what is measured counts.
    ToAddress,
    /// Work is planned; counts towards the planned score only.
    Planned,
    /// The open part is accepted and earns nothing.
    RiskAccepted,
    /// Another product does it: full points, shown as attested.
    ThirdParty,
    /// Another measure does it: full points, shown as attested.
    AlternateMitigation,
}

impl From<Decided> for Status {
    fn from(decided: Decided) -> Self {
        match decided {
            Decided::ToAddress => Self::ToAddress,
            Decided::Planned => Self::Planned,
            Decided::RiskAccepted => Self::RiskAccepted,
            Decided::ThirdParty => Self::ThirdParty,
            Decided::AlternateMitigation => Self::AlternateMitigation,
        }
    }
}

/// Applies decisions from a file.
#[derive(Debug, clap::Args)]
struct ImportArguments {
    /// A file with an `[[action]]` table per control, as `idscore plan export` writes it.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    of: Of,
    #[command(flatten)]
    saving: Saving,
}

/// Writes what is decided.
#[derive(Debug, clap::Args)]
struct ExportArguments {
    #[command(flatten)]
    of: Of,
    /// Write to a file instead of stdout.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Runs one of the commands.
pub fn run(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    match &arguments.command {
        Command::Show(arguments) => show::run(arguments, terminal),
        Command::Set(arguments) => set(arguments, terminal),
        Command::Import(arguments) => {
            let changes = file::read(&arguments.file)?;
            change(&arguments.of, &arguments.saving, terminal, |_| Ok(changes))
        }
        Command::Export(arguments) => export(arguments, terminal),
    }
}

fn set(arguments: &SetArguments, terminal: Terminal) -> Result<Exit, CliError> {
    let changes = |known: &[String]| {
        let change = |asked: &String| -> Result<ActionChange, CliError> {
            Ok(ActionChange {
                control_id: catalogue::spelled(known.iter().map(String::as_str), asked)?,
                status: arguments.status.map(Status::from),
                note: arguments.note.clone(),
                owner: arguments.owner.clone(),
                tags: (!arguments.tag.is_empty()).then(|| arguments.tag.clone()),
                due: arguments.due,
                clear_due: false,
                approver: arguments.approver.clone(),
                reason: arguments.reason.clone(),
                expires: arguments.expires,
            })
        };
        arguments.controls.iter().map(change).collect::<Result<Vec<_>, _>>()
    };
    change(&arguments.of, &arguments.saving, terminal, changes)
}

/// Shows the effect of changes, asks, and saves them. The ids of the judged controls are given to `changes`.
fn change(
    of: &Of,
    saving: &Saving,
    terminal: Terminal,
    changes: impl FnOnce(&[String]) -> Result<Vec<ActionChange>, CliError>,
) -> Result<Exit, CliError> {
    let at = saving.at.map_or_else(now, Timestamp::as_microsecond);
    super::wait(async {
        let (archive, tenant) = of.open().await?;
        let known = known(&archive, &tenant).await?;
        let changes = changes(&known)?;
        let effect = archive.history.effect(&tenant.id, &changes, at).await?;
        super::print(&effect::in_words(&effect, terminal), None, terminal)?;
        if effect.changed.is_empty() {
            terminal.note("this is how it is already; nothing to save");
        } else if saving.agreed(terminal)? {
            let actor = saving.actor();
            archive.history.update_actions(&actor, &tenant.id, &changes, at).await?;
            terminal.note(&saved(effect.changed.len(), &actor));
        }
        archive.history.close().await;
        Ok(Exit::Done)
    })
}

fn saved(number: usize, actor: &Actor) -> String {
    format!("saved {} as {}", words::plural(number, "decision"), actor.name())
}

async fn known(archive: &Archive, tenant: &Tenant) -> Result<Vec<String>, CliError> {
    let newest = archive.history.newest(&tenant.id).await?;
    Ok(newest.iter().flat_map(|newest| &newest.controls).map(|control| control.id.clone()).collect())
}

fn export(arguments: &ExportArguments, terminal: Terminal) -> Result<Exit, CliError> {
    let actions = super::wait(async {
        let (archive, tenant) = arguments.of.open().await?;
        let actions = archive.history.actions(&tenant.id).await?;
        archive.history.close().await;
        Ok(actions)
    })?;
    let output = arguments.output.as_deref();
    super::print(&file::write(actions.values())?, output, terminal)?;
    Ok(Exit::Done)
}
