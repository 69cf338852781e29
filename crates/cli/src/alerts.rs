//! `idscore alerts test|list`, and what `serve` needs of alerts.

use std::path::{Path, PathBuf};

use idscore_alerts::{Alerting, Backoff, PATIENCE, Settings};
use idscore_history::instants::rfc3339;
use idscore_store::{Delivery, DeliveryState, now};

use crate::error::{CliError, Exit};
use crate::history::{Store, print, settings_file, wait};
use crate::page::{Page, Tone};
use crate::report::words;
use crate::terminal::Terminal;

/// The file of rules and channels in the data folder.
const FILE: &str = "alerts.toml";

/// Alerts: tries the channels, and lists what was told. `idscore serve` sends them.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Sends a test message to every channel and says whether it arrived
    Test(Test),
    /// Lists what was told, what waits and what was given up, newest first
    List(List),
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 every message arrived, 2 the configuration is wrong, 3 a message did not arrive."
)]
struct Test {
    /// The data folder, in which alerts.toml lies.
    #[arg(long, value_name = "DIR", env = "IDSCORE_DATA", hide_env_values = true)]
    data: PathBuf,
    /// The file of rules and channels, in place of alerts.toml in the data folder.
    #[arg(long, value_name = "FILE")]
    alerts: Option<PathBuf>,
    /// One channel only.
    #[arg(long, value_name = "NAME")]
    channel: Option<String>,
}

#[derive(Debug, clap::Args)]
struct List {
    #[command(flatten)]
    store: Store,
    /// How many at most.
    #[arg(long, value_name = "N", default_value = "50", value_parser = clap::value_parser!(u16).range(1..))]
    top: u16,
    /// Print JSON for programs.
    #[arg(long)]
    json: bool,
}

/// Runs one of the two.
pub fn run(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    match &arguments.command {
        Command::Test(asked) => test(asked, terminal),
        Command::List(list) => wait(async {
            let archive = list.store.open().await?;
            let deliveries = archive.history.deliveries(i64::from(list.top)).await?;
            archive.history.close().await;
            let text = if list.json { crate::history::json(&deliveries)? } else { table(&deliveries, terminal) };
            print(&text, None, terminal)?;
            Ok(Exit::Done)
        }),
    }
}

/// Rules and channels of a data folder; none where it has no `alerts.toml` and none is named.
pub fn of_folder(data: &Path, named: Option<&Path>) -> Result<Option<Alerting>, CliError> {
    channels_of(data, named, &|_| true)
}

fn channels_of(data: &Path, named: Option<&Path>, wanted: &dyn Fn(&str) -> bool) -> Result<Option<Alerting>, CliError> {
    let Some(path) = settings_file(data, FILE, named) else { return Ok(None) };
    let settings = Settings::read(&path)?;
    let variable = |name: &str| std::env::var(name).ok();
    Ok(Some(Alerting::open_some(&settings, wanted, &variable, Backoff::default(), PATIENCE)?))
}

fn test(asked: &Test, terminal: Terminal) -> Result<Exit, CliError> {
    let wanted = |name: &str| asked.channel.as_deref().is_none_or(|channel| channel == name);
    let Some(alerting) = channels_of(&asked.data, asked.alerts.as_deref(), &wanted)? else {
        return Err(CliError::call(
            format!("there is no `{}`", asked.data.join(FILE).display()),
            "write one with a [[channel]]: docs/user-guide.md shows how",
        ));
    };
    let results = wait(async { Ok(alerting.test(None, now()).await) })?;
    if let (Some(name), true) = (&asked.channel, results.is_empty()) {
        return Err(CliError::call(
            format!("there is no channel `{}`", words::visible(name)),
            "leave --channel out to try all",
        ));
    }
    let mut text = String::new();
    for (name, result) in &results {
        match result {
            Ok(()) => text.push_str(&format!("{name}: the test message arrived\n")),
            Err(error) => text.push_str(&format!("{name}: not arrived: {error}\n")),
        }
    }
    print(&text, None, terminal)?;
    Ok(if results.iter().all(|(_, result)| result.is_ok()) { Exit::Done } else { Exit::Unreached })
}

fn table(deliveries: &[Delivery], terminal: Terminal) -> String {
    let mut page = Page::new(terminal);
    if deliveries.is_empty() {
        page.line("Nothing was told yet, and nothing waits.");
        return page.into_text();
    }
    let mut table = page.table(&["When", "What", "Channel", "State"]);
    for delivery in deliveries {
        let state = match (delivery.state, delivery.done_at) {
            (DeliveryState::Told, Some(at)) => format!("told {}", words::instant(&rfc3339(at))),
            (DeliveryState::Waiting, _) if delivery.attempts == 0 => "waits".to_owned(),
            (DeliveryState::Waiting, _) => format!(
                "waits, tried {}, again {}: {}",
                times(delivery.attempts),
                words::instant(&rfc3339(delivery.next_at)),
                delivery.last_error
            ),
            _ => format!("given up after {}: {}", times(delivery.attempts), delivery.last_error),
        };
        table.add_row(vec![
            page.cell(Tone::Quiet, &words::instant(&rfc3339(delivery.event.at))),
            page.cell(Tone::Strong, &words::visible(&delivery.event.title)),
            page.cell(Tone::Plain, &delivery.channel),
            page.cell(Tone::Plain, &words::visible(&state)),
        ]);
    }
    page.put(&table);
    page.into_text()
}

fn times(attempts: u32) -> String {
    match attempts {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        more => format!("{more} times"),
    }
}
