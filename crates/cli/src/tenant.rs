//! The tenant that a command is about: its export or snapshot, the controls, and the configuration.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use idscore_assess::{Configuration, Evidence, Judgement, assess};
use idscore_catalogue::Catalogue;
use idscore_history::instants::is_believable;
use idscore_score::Profile;
use idscore_snapshot::{Advance, Manifest, ReadError, ReadOptions, Snapshot, is_snapshot, write_snapshot};
use idscore_store::{
    Actor, Archive, Bringing, ConfigurationChange, ConfigurationSource, Kept, ReceiveError, Received, now,
};
use jiff::Timestamp;
use tempfile::TempDir;

use crate::catalogue;
use crate::error::CliError;
use crate::interrupt::Interrupt;
use crate::report::{Call, words};
use crate::terminal::{Progress, Terminal};

/// The configuration that is used when none is named.
const CONFIGURATION: &str = "idscore.toml";

/// Which tenant to judge, and how.
#[derive(Debug, Clone, clap::Args)]
pub struct Judging {
    /// An export or a snapshot: a folder, a file, a .zip or a .tar.gz.
    #[arg(value_name = "INPUT")]
    pub input: PathBuf,
    /// How strictly to read the tenant; in place of the configuration's profile.
    #[arg(long, value_name = "PROFILE", value_parser = profiles())]
    pub profile: Option<Profile>,
    /// The configuration: declared accounts, statuses, settings [default: ./idscore.toml if it is there; else, with a data folder, that of the
    /// tenant's last assessment].
    ///
    /// A configuration that lies inside an export is never used by itself: an export may come from elsewhere.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// A folder with the organisation's own controls; may be given more than once.
    #[arg(long, value_name = "DIR")]
    pub controls: Vec<PathBuf>,
    /// The instant that the export describes, such as 2026-11-20T06:00:00Z; in place of what the export says.
    #[arg(long, value_name = "INSTANT", value_parser = past)]
    pub taken_at: Option<Timestamp>,
    /// Leave names and user principal names out, after all that follows from them was derived.
    #[arg(long)]
    pub no_names: bool,
    /// Keep the snapshot (Parquet tables and manifest) in this folder; it can be given as INPUT later.
    #[arg(long, value_name = "DIR")]
    pub keep_snapshot: Option<PathBuf>,
}

/// An instant as people write it.
pub fn instant(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| "an instant is written like 2026-11-20T06:00:00Z".to_owned())
}

/// An instant at which data can have been taken; a day is allowed for clocks that differ, as over HTTP.
fn past(text: &str) -> Result<Timestamp, String> {
    let instant = instant(text)?;
    if is_believable(instant.as_microsecond(), now()) {
        return Ok(instant);
    }
    Err("it lies in the future or before 1970; say when the data were collected".to_owned())
}

fn profiles() -> impl TypedValueParser<Value = Profile> {
    PossibleValuesParser::new([
        PossibleValue::new("compat")
            .help("As Microsoft seems to count; the only one to lay beside Microsoft's numbers"),
        PossibleValue::new("standard").help("The default"),
        PossibleValue::new("strict").help("Nothing is forgiven"),
    ])
    .map(|name| match name.as_str() {
        "compat" => Profile::Compat,
        "strict" => Profile::Strict,
        _ => Profile::Standard,
    })
}

impl Judging {
    /// An export with the configuration that belongs to it, everything else as it is by default.
    pub fn of(input: &Path, config: Option<PathBuf>) -> Self {
        Self {
            input: input.to_owned(),
            profile: None,
            config,
            controls: vec![],
            taken_at: None,
            no_names: false,
            keep_snapshot: None,
        }
    }
}

impl Judging {
    /// The same arguments again, for the command that comes next.
    pub fn call(&self) -> Call {
        let path = |path: &Path| words::shell_word(&path.to_string_lossy());
        let mut parts = vec![];
        parts.extend(self.config.iter().map(|config| format!("--config {}", path(config))));
        parts.extend(self.profile.map(|profile| format!("--profile {}", words::profile(profile))));
        parts.extend(self.controls.iter().map(|folder| format!("--controls {}", path(folder))));
        parts.extend(self.taken_at.iter().map(|instant| format!("--taken-at {instant}")));
        Call { input: path(&self.input), options: parts }
    }
}

/// A tenant that is ready to be judged.
pub struct Tenant {
    /// The controls.
    pub catalogue: Catalogue,
    /// What the organisation declares.
    pub configuration: Configuration,
    /// The tables.
    pub snapshot: Snapshot,
    /// Holds a snapshot that nobody asked to keep; it goes away with this value.
    _passing: Option<TempDir>,
    interrupt: Interrupt,
}

impl Tenant {
    /// Reads controls and configuration, then the input, through a snapshot that is made where there is none yet.
    pub fn open(judging: &Judging, terminal: Terminal) -> Result<Self, CliError> {
        let catalogue = catalogue::load(&judging.controls)?;
        let configuration = configuration(judging, terminal)?;
        let interrupt = Interrupt::noted()?;
        let (snapshot, passing) = snapshot(judging, &interrupt, terminal)?;
        Ok(Self { catalogue, configuration, snapshot, _passing: passing, interrupt })
    }

    /// Judges the tenant and keeps the evidence that is asked for.
    pub fn judge(&self, evidence: &Evidence, terminal: Terminal) -> Result<Judgement, CliError> {
        let _progress = terminal.progress("judging");
        let judged = assess(&self.snapshot, &self.catalogue, &self.configuration, evidence)?;
        if self.interrupt.check().is_break() {
            return Err(ReadError::Interrupted.into());
        }
        Ok(judged)
    }
}

/// Reads an export straight into the data folder, judges and keeps it; a snapshot is copied there. Where no configuration is
/// named, it is judged by the one that is in force for the tenant.
pub async fn take_in(
    judging: &Judging,
    archive: &Archive,
    actor: &Actor,
    catalogue: &Catalogue,
    terminal: Terminal,
) -> Result<Kept, CliError> {
    let named = configuration_file(judging);
    let named = named.map(|path| read_configuration(&path, terminal)).transpose()?;
    // Until it is kept, so that Ctrl-C leaves nothing passing behind.
    let interrupt = Interrupt::noted()?;
    there(&judging.input)?;
    if is_snapshot(&judging.input) {
        settled(judging)?;
    } else {
        outside(&archive.incoming()?, &judging.input)?;
    }
    let input = Input { judging, named, interrupt, terminal, progress: RefCell::default() };
    Ok(archive.take_in(actor, catalogue, None, &input).await?)
}

/// What a command was given to keep.
struct Input<'a> {
    judging: &'a Judging,
    named: Option<Configuration>,
    interrupt: Interrupt,
    terminal: Terminal,
    /// Shown while it is judged.
    progress: RefCell<Option<Progress>>,
}

impl Bringing for Input<'_> {
    fn receive(&self, archive: &Archive) -> Result<Received, ReceiveError> {
        let receive = |options: &ReadOptions<'_>| archive.receive(&self.judging.input, options);
        reading(self.judging, &self.interrupt, self.terminal, receive)
    }

    /// Whoever has the data folder may keep any tenant in it.
    fn check(&self, _manifest: &Manifest) -> Result<(), String> {
        Ok(())
    }

    fn configure(&self, in_force: Configuration, source: ConfigurationSource) -> Configuration {
        let configuration = match (&self.named, source) {
            (Some(named), ConfigurationSource::Folder(file)) if *named != in_force => {
                self.terminal.warn(&format!(
                    "uploads and scheduled runs of this tenant are judged by `{}`, which is another configuration",
                    file.display()
                ));
                named.clone()
            }
            (Some(named), _) => named.clone(),
            (None, ConfigurationSource::Folder(file)) => {
                self.terminal.note(&format!("using the configuration `{}`", file.display()));
                in_force
            }
            (None, ConfigurationSource::Stored) => {
                let note = "using the configuration of the tenant's last assessment; --config names another one";
                self.terminal.note(note);
                in_force
            }
            (None, _) => {
                not_from_inside(self.judging, self.terminal);
                in_force
            }
        };
        self.progress.replace(Some(self.terminal.progress("judging")));
        of_profile(self.judging, configuration)
    }

    fn warn(&self, change: &ConfigurationChange) {
        self.terminal.warn(&change.to_string());
    }
}

fn configuration(judging: &Judging, terminal: Terminal) -> Result<Configuration, CliError> {
    let configuration = match configuration_file(judging) {
        Some(path) => read_configuration(&path, terminal)?,
        None => {
            not_from_inside(judging, terminal);
            Configuration::default()
        }
    };
    Ok(of_profile(judging, configuration))
}

/// The file that was named, else the one in the current folder, unless it belongs to the export.
fn configuration_file(judging: &Judging) -> Option<PathBuf> {
    let here = Path::new(CONFIGURATION);
    // The name in the folder counts as well as what it leads to.
    let inside = || within(Path::new("."), &judging.input) || within(here, &judging.input);
    judging.config.clone().or_else(|| (here.is_file() && !inside()).then(|| here.to_owned()))
}

fn read_configuration(path: &Path, terminal: Terminal) -> Result<Configuration, CliError> {
    terminal.note(&format!("using the configuration `{}`", path.display()));
    Ok(Configuration::read(path)?)
}

/// Says of a configuration that came with the export that it is not used.
fn not_from_inside(judging: &Judging, terminal: Terminal) {
    let inside = judging.input.join(CONFIGURATION);
    if inside.is_file() {
        terminal.note(&format!("`{0}` is not used; to use it: --config {0}", inside.display()));
    }
}

fn of_profile(judging: &Judging, configuration: Configuration) -> Configuration {
    match judging.profile {
        Some(profile) => configuration.with_profile(profile),
        None => configuration,
    }
}

fn snapshot(
    judging: &Judging,
    interrupt: &Interrupt,
    terminal: Terminal,
) -> Result<(Snapshot, Option<TempDir>), CliError> {
    let input = &judging.input;
    there(input)?;
    if is_snapshot(input) {
        settled(judging)?;
        return Ok((Snapshot::open(input)?, None));
    }
    let (folder, passing) = match &judging.keep_snapshot {
        Some(folder) => {
            outside(folder, input)?;
            (folder.clone(), None)
        }
        None => {
            let passing = tempfile::Builder::new()
                .prefix("idscore-")
                .tempdir()
                .map_err(|source| CliError::WriteOutput { path: std::env::temp_dir(), source })?;
            (passing.path().join("snapshot"), Some(passing))
        }
    };
    reading(judging, interrupt, terminal, |options| write_snapshot(input, &folder, options))?;
    Ok((Snapshot::open(&folder)?, passing))
}

fn there(input: &Path) -> Result<(), CliError> {
    if input.exists() {
        return Ok(());
    }
    Err(CliError::call(
        format!("cannot read `{}`: there is no such file or folder", input.display()),
        "give an export or a snapshot; `idscore demo` invents one",
    ))
}

fn settled(judging: &Judging) -> Result<(), CliError> {
    if judging.taken_at.is_none() && !judging.no_names && judging.keep_snapshot.is_none() {
        return Ok(());
    }
    Err(CliError::call(
        format!("`{}` is a snapshot, whose instant and names are settled", judging.input.display()),
        "give --taken-at, --no-names and --keep-snapshot together with the export",
    ))
}

fn outside(folder: &Path, export: &Path) -> Result<(), CliError> {
    if !within(folder, export) {
        return Ok(());
    }
    Err(CliError::call(
        format!("`{}` lies inside the export, which would then hold its own snapshot", folder.display()),
        "keep the snapshot beside the export",
    ))
}

/// Whether a path that may not exist yet would lie in a folder.
fn within(path: &Path, folder: &Path) -> bool {
    let Ok(folder) = folder.canonicalize() else { return false };
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    absolute.ancestors().find_map(|ancestor| ancestor.canonicalize().ok()).is_some_and(|path| path.starts_with(&folder))
}

/// Reads with the options that were asked for, and shows how far it is.
fn reading<T, E>(
    judging: &Judging,
    interrupt: &Interrupt,
    terminal: Terminal,
    read: impl FnOnce(&ReadOptions<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let progress = terminal.progress(&format!("reading {}", judging.input.display()));
    let told = |advance: Advance<'_>| {
        progress.advance(advance.data_set, advance.bytes, advance.total_bytes);
        interrupt.check()
    };
    read(&ReadOptions {
        taken_at: judging.taken_at,
        names: !judging.no_names,
        progress: Some(&told),
        ..ReadOptions::default()
    })
}
