//! `idscore collect --tenant T --out DIR`

pub mod connection;
mod extent;
mod permissions;
mod progress;
mod result;
mod tenants;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::ValueEnum;
use idscore_graph::{CollectError, Collection, Connection, Stop, Trial, Wanted, collect, is_collection, probe};

use self::connection::{Connecting, SECRETS_HELP};
pub use self::extent::Extent;
use self::progress::Bars;
use crate::catalogue;
use crate::error::{CliError, Exit};
use crate::interrupt::Interrupt;
use crate::terminal::{Data, Terminal};

/// Reads a tenant from Microsoft Graph into an export that `idscore score` takes.
///
/// Each data set is complete, or the export says which permission, licence or fault stopped it, and the controls that need it
/// are not assessed. Nothing is changed in the tenant.
#[derive(Debug, clap::Args)]
#[command(after_help = SECRETS_HELP, after_long_help = EXAMPLES)]
pub struct Arguments {
    #[command(flatten)]
    connecting: Connecting,
    /// Where the export goes: a new or an empty folder; with --tenants, the folder of their folders.
    #[arg(long, short, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Go on with what lies in the folder: read what is missing, ask again for what was refused.
    #[arg(long)]
    resume: bool,
    /// An earlier export of the same tenant: of users and groups, read only what has changed since.
    #[arg(long, value_name = "DIR")]
    since: Option<PathBuf>,
    #[command(flatten)]
    extent: Extent,
    /// Sign in and ask for every data set with one cheap call; write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Print the least permissions, why each is asked for, and how to register the application; ask nobody.
    #[arg(long, conflicts_with_all = ["dry_run", "resume", "tenants"])]
    permissions: bool,
    /// Collect many tenants, each into a folder of its own; the file names them and how to sign in.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["tenant", "since"])]
    tenants: Option<PathBuf>,
    /// How to print what came of it.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
}

const EXAMPLES: &str = "Secrets come from the environment (AZURE_CLIENT_SECRET, AZURE_CLIENT_CERTIFICATE_PASSWORD), from a file that only its \
owner may read, or from standard input; never from an argument.

Examples:
  idscore collect --permissions
  AZURE_CLIENT_SECRET=… idscore collect --tenant contoso.onmicrosoft.com --client-id 11111111-… --out export
  idscore collect --tenant contoso.onmicrosoft.com --client-id 11111111-… --certificate idscore.pem --dry-run
  idscore collect --tenant contoso.onmicrosoft.com --sign-in azure-cli --out export --resume
  idscore collect --tenants tenants.toml --out exports";

/// How to print what came of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a person.
    #[default]
    Text,
    /// For a program.
    Json,
    /// With --permissions: a script for the Azure CLI that registers the application.
    Script,
}

/// Collects a tenant, tries whether it could be, or says what that takes.
pub fn run(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    if arguments.permissions {
        return permissions::print(arguments, terminal);
    }
    if arguments.format == Format::Script {
        return Err(CliError::call(
            "only --permissions prints a script",
            "--format text, or --format json for a program",
        ));
    }
    if let Some(file) = &arguments.tenants {
        return tenants::run(arguments, file, terminal);
    }
    let connection = arguments.connecting.connection(terminal)?;
    if arguments.dry_run {
        let trial = try_it(&connection, &arguments.wanted(PathBuf::new()), terminal)?;
        return arguments.show_trial(&connection, &trial, terminal);
    }
    let out = arguments.folder()?;
    let collection = one(&connection, &arguments.wanted(out.to_owned()), terminal)?;
    arguments.show(&connection, &collection, out, terminal)?;
    Ok(Exit::Done)
}

impl Arguments {
    fn folder(&self) -> Result<&Path, CliError> {
        self.out.as_deref().ok_or_else(|| {
            CliError::call(
                "nothing says where the export goes",
                "give a new folder: --out export; or try it first: --dry-run",
            )
        })
    }

    fn wanted(&self, out: PathBuf) -> Wanted {
        self.extent.wanted(out, self.resume, self.since.clone())
    }

    fn show(
        &self,
        connection: &Connection,
        collection: &Collection,
        out: &Path,
        terminal: Terminal,
    ) -> Result<(), CliError> {
        let catalogue = catalogue::load(&[])?;
        let text = match self.format {
            Format::Json => result::collection_json(collection, &catalogue)?,
            _ => result::collection_text(collection, out, connection, &catalogue, terminal),
        };
        print(&text)
    }

    fn show_trial(&self, connection: &Connection, trial: &Trial, terminal: Terminal) -> Result<Exit, CliError> {
        let catalogue = catalogue::load(&[])?;
        let text = match self.format {
            Format::Json => result::trial_json(trial, &catalogue)?,
            _ => result::trial_text(trial, connection, &catalogue, terminal),
        };
        print(&text)?;
        Ok(Exit::Done)
    }
}

fn print(text: &str) -> Result<(), CliError> {
    let mut data = Data::open(None)?;
    let failed = |source| CliError::WriteOutput { path: "stdout".into(), source };
    data.write_all(text.as_bytes()).map_err(failed)?;
    data.finish()
}

/// Collects one tenant, and shows how far it is.
pub fn one(connection: &Connection, wanted: &Wanted, terminal: Terminal) -> Result<Collection, CliError> {
    let bars = Bars::new(&connection.tenant, terminal);
    stoppable(async |stop| collect(connection, wanted, &bars, stop).await)
}

fn try_it(connection: &Connection, wanted: &Wanted, terminal: Terminal) -> Result<Trial, CliError> {
    let bars = Bars::new(&connection.tenant, terminal);
    stoppable(async |stop| probe(connection, wanted, &bars, stop).await)
}

/// Runs what waits for Graph; Ctrl-C ends it at the next step, and what was read stays.
fn stoppable<T>(work: impl AsyncFnOnce(&Stop) -> Result<T, CollectError>) -> Result<T, CliError> {
    let interrupt = Interrupt::noted()?;
    let stop = Stop::default();
    let runtime = crate::serve::runtime()?;
    let done = runtime.block_on(async {
        let watched = async {
            while interrupt.check().is_continue() {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            stop.stop();
            std::future::pending::<()>().await;
        };
        tokio::select! {
            done = work(&stop) => done,
            () = watched => Err(CollectError::Interrupted { out: PathBuf::new() }),
        }
    });
    Ok(done?)
}

/// Whether to go on with a folder of `--tenants`, or begin it.
fn resumes(folder: &Path, resume: bool) -> bool {
    resume && is_collection(folder)
}
