//! `idscore review`: security work that people do, written down.

use clap::Subcommand;
use idscore_history::{KeptAssessment, Review, Tenant};
use idscore_score::Finding;
use idscore_store::{Archive, now};
use jiff::Timestamp;

use super::{By, Of, moves};
use crate::catalogue;
use crate::error::{CliError, Exit};
use crate::report::words;
use crate::terminal::Terminal;

/// Reviews that people did.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Writes down that a task was done; the score follows
    Record(RecordArguments),
}

/// Writes down that a task was done.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  idscore review record task_review_risky_users --by 'Nora Stein' --note 'two confirmed' --data data"
)]
struct RecordArguments {
    /// The id of a task, such as task_review_risky_users.
    #[arg(value_name = "TASK")]
    task: String,
    /// Who reviewed.
    #[arg(long, value_name = "NAME")]
    by: String,
    /// When [default: now].
    #[arg(long, value_name = "INSTANT", value_parser = crate::tenant::instant)]
    at: Option<Timestamp>,
    /// What was found.
    #[arg(long, value_name = "TEXT", default_value = "")]
    note: String,
    #[command(flatten)]
    of: Of,
    #[command(flatten)]
    who: By,
}

/// Runs one of the commands.
pub fn run(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    let Command::Record(arguments) = &arguments.command;
    if arguments.by.trim().is_empty() {
        return Err(CliError::call("a review needs somebody who did it", "name them with --by"));
    }
    super::wait(async {
        let (archive, tenant) = arguments.of.open().await?;
        let before = newest(&archive, &tenant).await?;
        let is_task = |id: &str| {
            let control = before.control(id).and_then(|control| control.judged.as_ref());
            control.is_some_and(|judged| matches!(judged.finding, Finding::Task { .. }))
        };
        let ids = before.controls.iter().map(|control| control.id.as_str());
        let task = catalogue::spelled(ids.clone(), &arguments.task)?;
        if !is_task(&task) {
            let tasks: Vec<_> = ids.filter(|id| is_task(id)).collect();
            let hint = if tasks.is_empty() {
                "the newest assessment judged no task; keep one with the built-in task_review_… controls".to_owned()
            } else {
                format!("these are tasks: {}", tasks.join(", "))
            };
            return Err(CliError::call(format!("`{task}` is no task: the data say whether it is done"), hint));
        }
        let clock = now();
        let review = Review {
            control_id: task,
            reviewed_by: arguments.by.clone(),
            reviewed_at: arguments.at.map_or(clock, Timestamp::as_microsecond),
            note: arguments.note.clone(),
        };
        archive.history.record_review(&arguments.who.actor(), &tenant.id, &review, clock).await?;
        archive.history.settle(&tenant.id, clock).await?;
        let after = newest(&archive, &tenant).await?;
        archive.history.close().await;
        terminal.note(&format!("recorded a review of {} by {}", review.control_id, review.reviewed_by));
        tell(&before, &after, &review.control_id, terminal);
        Ok(Exit::Done)
    })
}

async fn newest(archive: &Archive, tenant: &Tenant) -> Result<KeptAssessment, CliError> {
    archive.history.newest(&tenant.id).await?.ok_or_else(|| {
        CliError::call("nothing was assessed yet", "`idscore score EXPORT --data DIR` keeps the first assessment")
    })
}

fn tell(before: &KeptAssessment, after: &KeptAssessment, id: &str, terminal: Terminal) {
    let earned = |kept: &KeptAssessment| kept.control(id).and_then(|control| control.score);
    if let Some(((was, is), control)) = earned(before).zip(earned(after)).zip(after.control(id)) {
        let [was, is] = moves::points_apart(was, is);
        let max = control.max_score.map(moves::points).unwrap_or_default();
        terminal
            .note(&format!("{id}: {was} → {is} of {max} points, {}", words::outcome(control.outcome).to_lowercase()));
    }
}
