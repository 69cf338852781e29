//! The commands that look over time: the data folder, and what they share.

pub mod audit;
pub mod backup;
pub mod benchmark;
pub mod compare;
pub mod diff;
mod keep;
pub mod plan;
pub mod review;
pub mod sign_in_link;
pub mod tenants;
pub mod token;
pub mod trend;

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use idscore_history::Tenant;
use idscore_secrets::Secret;
use idscore_store::{Actor, Archive, History};
use idscore_words::moves;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use crate::database::Database;
use crate::error::CliError;
use crate::report::words;
use crate::terminal::{Data, Terminal};

pub use self::keep::{Keeping, KeptScore};

/// Where assessments, snapshots and evidence are kept.
#[derive(Debug, clap::Args)]
pub struct Store {
    /// The data folder, as `idscore score INPUT --data DIR` makes it.
    #[arg(long, value_name = "DIR", env = "IDSCORE_DATA", hide_env_values = true)]
    data: PathBuf,
    #[command(flatten)]
    database: Database,
}

/// One tenant of a store.
#[derive(Debug, clap::Args)]
pub struct Of {
    #[command(flatten)]
    pub store: Store,
    /// The tenant's id; may be left out where the data folder holds one tenant only.
    #[arg(long, value_name = "ID")]
    tenant: Option<String>,
}

impl Store {
    /// Opens a data folder that is already there.
    pub async fn open(&self) -> Result<Archive, CliError> {
        if !is_data_folder(&self.data, &self.database) {
            return Err(CliError::call(
                format!("there is no history in `{}`", self.data.display()),
                "`idscore score EXPORT --data DIR` keeps the first assessment",
            ));
        }
        let address = self.database.address()?;
        Ok(Archive::open(&self.data, address.as_ref().map(Secret::reveal)).await?)
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        &self.data
    }

    /// The options that name this store, for the command that comes next.
    pub fn options(&self) -> String {
        // An address may hold a password; the next command finds it in the environment or not at all.
        format!("--data {}", words::shell_word(&self.data.to_string_lossy()))
    }
}

impl Of {
    /// The store with the tenant that is asked for.
    pub async fn open(&self) -> Result<(Archive, Tenant), CliError> {
        let archive = self.store.open().await?;
        let tenant = self.choose(&archive.history).await?;
        Ok((archive, tenant))
    }

    async fn choose(&self, history: &History) -> Result<Tenant, CliError> {
        let mut tenants = history.tenants().await?;
        if let Some(asked) = &self.tenant {
            let found = tenants.iter().position(|tenant| tenant.id.eq_ignore_ascii_case(asked));
            return match found {
                Some(place) => Ok(tenants.swap_remove(place)),
                None => Err(CliError::call(
                    format!("there is no tenant `{}`", words::visible(asked)),
                    choices("the store knows", &tenants),
                )),
            };
        }
        match tenants.pop() {
            Some(tenant) if tenants.is_empty() => Ok(tenant),
            None => Err(CliError::call(
                "the store knows no tenant yet",
                "`idscore score EXPORT --data DIR` keeps the first assessment",
            )),
            Some(last) => {
                tenants.push(last);
                let number = words::plural(tenants.len(), "tenant");
                Err(CliError::call(
                    format!("the store knows {number}, and none is named"),
                    choices("give --tenant with one of", &tenants),
                ))
            }
        }
    }

    /// The options that name this tenant, for the command that comes next.
    pub fn options(&self) -> String {
        let tenant = self.tenant.as_ref().map(|id| format!(" --tenant {}", words::shell_word(id)));
        format!("{}{}", self.store.options(), tenant.unwrap_or_default())
    }
}

/// Tenants named in a hint before the rest is only counted.
const CHOICES: usize = 20;

fn choices(intro: &str, tenants: &[Tenant]) -> String {
    let mut lines = vec![format!("{intro}:")];
    lines.extend(tenants.iter().take(CHOICES).map(|tenant| format!("  {} {}", tenant.id, tenant.display_name)));
    if tenants.len() > CHOICES {
        lines.push(format!("  and {} more", tenants.len() - CHOICES));
    }
    lines.join("\n")
}

/// The file of settings that is named, else the one of that name in the data folder, where there is one.
pub fn settings_file(data: &Path, name: &str, named: Option<&Path>) -> Option<PathBuf> {
    named.map(Path::to_owned).or_else(|| Some(data.join(name)).filter(|own| own.is_file()))
}

/// Whether a history was begun in a folder.
pub fn is_data_folder(data: &Path, database: &Database) -> bool {
    data.join("history.db").is_file() || (database.named() && data.is_dir())
}

/// Runs what waits for a database.
pub fn wait<T>(work: impl Future<Output = Result<T, CliError>>) -> Result<T, CliError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|source| CliError::System { action: "wait for the database", source })?;
    runtime.block_on(work)
}

/// Who sits at the terminal, as the operating system says; for the audit log.
pub fn operator() -> Actor {
    let said = |name: &&str| std::env::var(name).ok().filter(|name| !name.trim().is_empty());
    // Services and containers have no such variable; the database of users knows them all the same.
    let named = ["USER", "LOGNAME", "USERNAME"].iter().find_map(said).or_else(|| whoami::username().ok());
    Actor::operator(named.filter(|name| !name.trim().is_empty()).unwrap_or_else(|| "unknown".to_owned()))
}

/// A day as people write it.
pub fn day(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| "a day is written like 2026-11-20".to_owned())
}

/// A value as JSON, for programs.
pub fn json(value: &impl Serialize) -> Result<String, CliError> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    Ok(text)
}

/// Writes a text to stdout or to a file.
pub fn print(text: &str, output: Option<&Path>, terminal: Terminal) -> Result<(), CliError> {
    let mut data = Data::open(output)?;
    data.write_all(text.as_bytes())
        .map_err(|source| CliError::WriteOutput { path: output.unwrap_or("stdout".as_ref()).to_owned(), source })?;
    data.finish()?;
    if let Some(path) = output {
        terminal.note(&format!("wrote `{}`", path.display()));
    }
    Ok(())
}

/// How something is saved that somebody decides.
#[derive(Debug, clap::Args)]
pub struct Saving {
    /// Save without asking.
    #[arg(long, short, conflicts_with = "dry_run")]
    yes: bool,
    /// Show the effect and save nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    by: By,
    /// The instant of the decision, such as 2026-11-20T06:00:00Z [default: now].
    #[arg(long, value_name = "INSTANT", value_parser = crate::tenant::instant)]
    pub at: Option<Timestamp>,
}

/// Who does something, for the audit log.
#[derive(Debug, clap::Args)]
pub struct By {
    /// The name of who decides, for the audit log, which names the user of the operating system besides [default: that user].
    #[arg(long, value_name = "NAME")]
    actor: Option<String>,
}

impl By {
    /// Who is named in the audit log: the user of the operating system, under a name of their own where one is given.
    pub fn actor(&self) -> Actor {
        let user = operator();
        match &self.actor {
            Some(name) => user.under_the_name(name),
            None => user,
        }
    }
}

impl Saving {
    /// The name in the audit log.
    pub fn actor(&self) -> Actor {
        self.by.actor()
    }

    /// Whether to save: `--yes`, or the answer of the person at the terminal.
    pub fn agreed(&self, terminal: Terminal) -> Result<bool, CliError> {
        if self.yes {
            return Ok(true);
        }
        if self.dry_run {
            terminal.note("nothing was saved");
            return Ok(false);
        }
        if !std::io::stdin().is_terminal() {
            return Err(CliError::call(
                "nobody is there to be asked whether to save this",
                "add --yes to save it, or --dry-run to look only",
            ));
        }
        let agreed = answer("save this? [y/N] ", terminal)?;
        if !agreed {
            terminal.note("nothing was saved");
        }
        Ok(agreed)
    }
}

/// Whether to delete something: `--yes`, or the answer of the person at the terminal.
fn sure(yes: bool, question: &str, terminal: Terminal) -> Result<bool, CliError> {
    if yes {
        return Ok(true);
    }
    if !std::io::stdin().is_terminal() {
        return Err(CliError::call("nobody is there to be asked whether to delete this", "add --yes to delete it"));
    }
    let agreed = answer(&format!("{question} [y/N] "), terminal)?;
    if !agreed {
        terminal.note("nothing was deleted");
    }
    Ok(agreed)
}

/// The answer of the person at the terminal.
fn answer(question: &str, terminal: Terminal) -> Result<bool, CliError> {
    terminal.ask(question);
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer);
    read.map_err(|source| CliError::System { action: "read the answer", source })?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
