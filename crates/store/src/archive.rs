//! The data folder: the database beside the snapshots and the evidence that it refers to.
//!
//! `history.db`, `snapshots/<tenant>/<instant>/`, `evidence/<tenant>/<instant>-<number>.parquet`, and what people put there:
//! `alerts.toml`, `configurations/<tenant>.toml`.

pub(crate) mod at_work;
pub(crate) mod difference;
pub(crate) mod durable;
pub(crate) mod evidence;
pub(crate) mod import;
pub(crate) mod leftovers;
pub(crate) mod named;
pub(crate) mod passing;
pub(crate) mod policy_documents;
pub(crate) mod readiness;
pub(crate) mod sizes;
pub(crate) mod snapshots;
pub(crate) mod take_in;
pub(crate) mod unread;
pub(crate) mod work;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use idscore_assess::{Assessment, Configuration, Evidence, Judgement, assess, assess_keeping};
use idscore_catalogue::Catalogue;
use idscore_history::difference::EVIDENCE_ROWS;
use idscore_history::instants::micros;
use idscore_history::{Cause, KeptAssessment, Served, Tenant};
use idscore_score::Zones;
use idscore_snapshot::{OpenError, Snapshot};

use crate::archive::durable::{parent, sync_parent, sync_tree, sync_way};
use crate::archive::leftovers::Places;
use crate::archive::passing::Passing;
use crate::archive::policy_documents::policies_of;
use crate::archive::work::Work;
use crate::assessments::microsoft::{keep_served, served};
use crate::assessments::{before, keep_within};
use crate::audit::Actor;
use crate::database::History;
use crate::database::read_only::is_read_only;
use crate::error::{HistoryError, with_file};
use crate::plan::decisions;
use crate::tenants::configurations::{ConfigurationBefore, ConfigurationChange, put_in_force};
use crate::tenants::register;

/// Exports that the schedule collects.
pub(crate) const EXPORTS: &str = "exports";
/// The folder of configurations, one file per tenant.
pub(crate) const CONFIGURATIONS: &str = "configurations";

/// History together with the folder in which snapshots and evidence lie.
#[derive(Debug, Clone)]
pub struct Archive {
    /// The database.
    pub history: History,
    folder: PathBuf,
    read_only: bool,
    pub(crate) work: Work,
}

/// What keeping a snapshot gave.
#[derive(Debug)]
pub struct Kept {
    /// The assessment as it was kept, decisions of the organisation included.
    pub assessment: KeptAssessment,
    /// The one before it, if there is one.
    pub previous: Option<KeptAssessment>,
    /// What was judged, with evidence, before decisions.
    pub judgement: Judgement,
    /// Set where the configuration is another one than that of the assessment before.
    pub configuration_change: Option<ConfigurationChange>,
}

impl Kept {
    /// What was judged, after decisions: the numbers that were kept.
    #[must_use]
    pub fn shown(&self) -> Assessment {
        let mut shown = self.assessment.shown(&self.judgement.assessment);
        shown.warnings.extend(self.configuration_change.as_ref().map(ToString::to_string));
        shown
    }
}

impl Archive {
    /// Opens a data folder, made where there is none; `database` is the address of the database, or SQLite in the folder. What
    /// programs left that were ended in the middle is gone then. A folder that can only be read is read.
    ///
    /// # Errors
    /// When the folder holds what is none of its own, can't be made, or the database can't be opened; what was made is gone
    /// again then.
    pub async fn open(folder: &Path, database: Option<&str>) -> Result<Self, HistoryError> {
        let file = folder.join("history.db");
        refuse_foreign(folder)?;
        if is_read_only(folder, &file) && (database.is_some() || file.is_file()) {
            let history = match database {
                Some(address) => History::open(address).await?,
                None => History::open_read_only(&file).await?,
            };
            return Ok(Self { history, folder: folder.to_owned(), read_only: true, work: Work::new() });
        }
        // From the inside out, as they are taken away again.
        let made: Vec<PathBuf> = folder.ancestors().take_while(|path| !path.exists()).map(Path::to_owned).collect();
        make(folder)?;
        let new = fs::metadata(&file).map_or(0, |file| file.len()) == 0;
        let opened = match database {
            Some(address) => History::open(address).await,
            None => History::open_file(&file).await,
        };
        if opened.as_ref().is_err_and(|error| !matches!(error, HistoryError::Busy { .. })) {
            // Empty, it holds nothing of anybody: another process may be making a database here too.
            if fs::metadata(&file).is_ok_and(|file| file.len() == 0) {
                // What can't be removed is told by the error that follows.
                let _ = fs::remove_file(&file);
            }
            for path in &made {
                // Only what is empty goes.
                let _ = fs::remove_dir(path);
            }
        }
        let archive = Self { history: opened?, folder: folder.to_owned(), read_only: false, work: Work::new() };
        if new {
            // The names that lead to the database are on the disk before anything in it is acknowledged.
            made.iter().map(PathBuf::as_path).chain([folder]).try_for_each(sync_parent)?;
        }
        archive.clean_up().await?;
        Ok(archive)
    }

    /// A folder for files on their way into the data folder: a rename puts them into their place. It goes with the program that
    /// makes it; `prefix` says what it is for.
    ///
    /// # Errors
    /// When the folder can't be made.
    pub fn passing(&self, prefix: &str) -> Result<Passing, HistoryError> {
        let incoming = self.incoming()?;
        Passing::create(&incoming, prefix).map_err(with_file("make a passing folder in", &incoming))
    }

    /// Where passing folders lie.
    ///
    /// # Errors
    /// When the folder can't be made.
    pub fn incoming(&self) -> Result<PathBuf, HistoryError> {
        self.writable("write files")?;
        let folder = self.folder.join("incoming");
        make(&folder)?;
        Ok(folder)
    }

    /// Whether the data folder, with its database, may be written to; `action` is what would be done.
    ///
    /// # Errors
    /// When it can only be read.
    pub fn writable(&self, action: &'static str) -> Result<(), HistoryError> {
        if self.read_only || self.history.is_read_only() {
            return Err(HistoryError::ReadOnly { action });
        }
        Ok(())
    }

    /// Where the exports that the schedule collects of a tenant lie: the newest, from which the next one goes on.
    #[must_use]
    pub fn exports(&self, tenant_id: &str) -> PathBuf {
        self.folder.join(EXPORTS).join(safe(tenant_id))
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The configuration that people put into the data folder for a tenant; none where there is no such file.
    #[must_use]
    pub fn configuration_file(&self, tenant_id: &str) -> Option<PathBuf> {
        let file = self.folder.join(CONFIGURATIONS).join(format!("{}.toml", safe(tenant_id)));
        file.is_file().then_some(file)
    }

    /// The folder of a kept snapshot; none where none was kept.
    #[must_use]
    pub fn snapshot(&self, assessment: &KeptAssessment) -> Option<PathBuf> {
        (!assessment.snapshot.is_empty()).then(|| self.folder.join(&assessment.snapshot))
    }

    /// Judges a snapshot in [`Archive::incoming`], applies what the organisation decided, and keeps all of it,
    /// Microsoft's own days and averages in the snapshot included. The snapshot is moved to its place, and it and its evidence are
    /// on the disk before the database names them. The configuration is in force for the tenant from then on.
    ///
    /// # Errors
    /// When the snapshot can't be judged, a file can't be written, or the database refuses: nothing is kept then.
    pub async fn keep(
        &self,
        actor: &Actor,
        snapshot: &Path,
        catalogue: &Catalogue,
        configuration: &Configuration,
    ) -> Result<Kept, HistoryError> {
        self.keep_warning(actor, snapshot, catalogue, configuration, &|_| {}).await
    }

    /// As [`Archive::keep`]; `warn` hears before anything is kept that the configuration is another one than that of the
    /// assessment before, with the numbers by both.
    pub(crate) async fn keep_warning(
        &self,
        actor: &Actor,
        snapshot: &Path,
        catalogue: &Catalogue,
        configuration: &Configuration,
        warn: &dyn Fn(&ConfigurationChange),
    ) -> Result<Kept, HistoryError> {
        let judged =
            |source: Box<dyn std::error::Error + Send + Sync>| HistoryError::Damaged { what: "snapshot", source };
        let opened = Snapshot::open(snapshot).map_err(|source| judged(Box::new(source)))?;
        // Evidence is written while it is found: a large tenant has more of it than memory should hold.
        let passing = self.passing("evidence-")?;
        let written = passing.path().join("evidence.parquet");
        let mut writer = evidence::Writer::create(&written)?;
        let mut keep = |id: &str, rows| writer.take(id, rows).map_err(Into::into);
        let judgement = assess_keeping(&opened, catalogue, configuration, EVIDENCE_ROWS, &mut keep)
            .map_err(|source| judged(Box::new(source)))?;
        writer.finish(&judgement.evidence)?;
        let licences = licences(&opened).map_err(|source| judged(Box::new(source)))?;
        let tenant_id = judgement.assessment.tenant_id.clone();
        let policies = policies_of(&opened).map_err(|source| judged(Box::new(source)))?;
        let served = served(&opened, &tenant_id, catalogue).map_err(|source| judged(Box::new(source)))?;
        let at = micros(&judgement.assessment.taken_at).unwrap_or_default();
        let before = self.history.configuration_before(&tenant_id, configuration).await?;
        let decisions = match &before {
            ConfigurationBefore::Same => BTreeMap::new(),
            _ => self.history.decisions(&tenant_id, at).await?,
        };
        let decided = |judgement: &Judgement, settings| {
            let measured = KeptAssessment::of(judgement, settings, "");
            measured.decided(&decisions).unwrap_or(measured)
        };
        let again = |other: &Configuration| {
            let judgement = assess(&opened, catalogue, other, &Evidence::None);
            judgement.map(|judgement| decided(&judgement, other.score)).map_err(|source| judged(Box::new(source)))
        };
        let (before, same_data) = match before {
            ConfigurationBefore::Same => (None, true),
            ConfigurationBefore::Other(other) => (Some(again(&other)?), true),
            ConfigurationBefore::Unknown(before) => (Some(*before), false),
        };
        let after = || decided(&judgement, configuration.score);
        let change = before.map(|before| ConfigurationChange::between(&before, &after(), same_data));
        if let Some(change) = &change {
            warn(change);
        }
        let tenant = Tenant {
            id: tenant_id.clone(),
            // PostgreSQL takes no NUL in a text.
            display_name: judgement.assessment.display_name.as_deref().unwrap_or_default().replace('\0', "\u{fffd}"),
            industry: String::new(),
            seats: licences.seats,
            zones: Zones::default(),
            invented: false,
        };
        let (places, put) = self.put(&passing, snapshot, &written, &tenant_id, &judgement.assessment.taken_at);
        let kept = match put {
            Ok(PutAt { snapshot, evidence }) => {
                let mut measured = KeptAssessment::of(&judgement, configuration.score, &snapshot);
                (measured.evidence, measured.details.policies) = (evidence, policies);
                (measured.has_p1, measured.has_p2) = (licences.has_p1, licences.has_p2);
                measured.details.warnings.extend(change.as_ref().map(ToString::to_string));
                let (actor, configuration, change) = (actor.clone(), configuration.clone(), change.clone());
                let measured = Measured { actor, tenant, assessment: measured, served, configuration, change };
                let history = self.history.clone();
                // Judging stands behind others, and whoever holds the one writer must not: everybody waits for it.
                let kept = tokio::spawn(async move { history.keep_measured(&measured).await }).await;
                kept.unwrap_or(Err(HistoryError::Panicked { what: "keeping an assessment" }))
            }
            Err(error) => Err(error),
        };
        match kept {
            Ok((assessment, previous)) => Ok(Kept { assessment, previous, judgement, configuration_change: change }),
            Err(error) => {
                // The database may have kept it all the same, so it is asked; when it can't be, the next start asks.
                if self.settle(&places).await.is_err() {
                    passing.leave();
                }
                Err(error)
            }
        }
    }

    /// The file of the evidence of an assessment; none where none was kept.
    pub(crate) fn evidence_file(&self, assessment: &KeptAssessment) -> Option<PathBuf> {
        (!assessment.evidence.is_empty()).then(|| self.folder.join(&assessment.evidence))
    }

    /// Moves a snapshot and its evidence to the first free number of their place, synced; notes the places before.
    fn put(
        &self,
        passing: &Passing,
        snapshot: &Path,
        evidence: &Path,
        tenant_id: &str,
        taken_at: &str,
    ) -> (Places, Result<PutAt, HistoryError>) {
        let mut places = Places { tenant: tenant_id.to_owned(), ..Places::default() };
        let put = self.put_noting(&mut places, passing, (snapshot, evidence), &safe(taken_at));
        (places, put)
    }

    fn put_noting(
        &self,
        places: &mut Places,
        passing: &Passing,
        (snapshot, evidence): (&Path, &Path),
        name: &str,
    ) -> Result<PutAt, HistoryError> {
        sync_tree(snapshot)?;
        sync_tree(evidence)?;
        let tenant = safe(&places.tenant);
        let mut number = 1;
        loop {
            let at = PutAt {
                snapshot: format!("snapshots/{tenant}/{name}-{number}"),
                evidence: format!("evidence/{tenant}/{name}-{number}.parquet"),
            };
            let [to, evidence_to] = [&at.snapshot, &at.evidence].map(|place| self.folder.join(place));
            number += 1;
            if to.exists() || evidence_to.exists() {
                continue;
            }
            places.places = [at.snapshot.clone(), at.evidence.clone()].into();
            places.note(passing)?;
            make(parent(&to))?;
            match fs::rename(snapshot, &to) {
                Ok(()) => {}
                // Another process was quicker, or took away the folder of a tenant that it deleted.
                Err(_) if to.exists() || !parent(&to).is_dir() => {
                    places.places.clear();
                    continue;
                }
                Err(source) => {
                    return Err(with_file("move the snapshot to", &to)(source));
                }
            }
            make(parent(&evidence_to))?;
            fs::rename(evidence, &evidence_to).map_err(with_file("move the evidence to", &evidence_to))?;
            sync_way(&to, &self.folder)?;
            sync_way(&evidence_to, &self.folder)?;
            return Ok(at);
        }
    }
}

/// Where a snapshot and its evidence lie, below the data folder.
struct PutAt {
    snapshot: String,
    evidence: String,
}

/// What was measured, ready to be kept.
struct Measured {
    actor: Actor,
    tenant: Tenant,
    assessment: KeptAssessment,
    /// What Microsoft said before.
    served: Served,
    /// In force from now on.
    configuration: Configuration,
    change: Option<ConfigurationChange>,
}

impl History {
    /// Keeps what was measured under the decisions of the organisation. Gives it back with the assessment before it.
    async fn keep_measured(
        &self,
        measured: &Measured,
    ) -> Result<(KeptAssessment, Option<KeptAssessment>), HistoryError> {
        self.write("keep an assessment", measured, |write, &measured| {
            Box::pin(async move {
                let Measured { actor, tenant, assessment: measured, served, configuration, change } = measured;
                register(write, actor, tenant).await?;
                let decisions = decisions(write, &tenant.id, measured.assessed_at).await?;
                let mut assessment = measured.decided(&decisions).unwrap_or_else(|| measured.clone());
                // An older snapshot that is kept late is laid beside what was there before its own day.
                let previous = before(write, &tenant.id, measured.assessed_at).await?;
                if previous.as_ref().is_some_and(|previous| previous.taken_at == assessment.taken_at) {
                    assessment.cause = Cause::Reassessment;
                }
                keep_served(write, actor, &tenant.id, served).await?;
                put_in_force(write, actor, &tenant.id, configuration, change.as_ref()).await?;
                assessment.id = keep_within(write, actor, &assessment).await?;
                Ok((assessment, previous))
            })
        })
        .await
    }
}

/// What the licences of a tenant bring.
#[derive(Default)]
struct Licences {
    seats: Option<u64>,
    has_p1: Option<bool>,
    has_p2: Option<bool>,
}

fn licences(snapshot: &Snapshot) -> Result<Licences, OpenError> {
    let mut licences = Licences::default();
    for batch in snapshot.read("tenant", &["seats", "has_p1", "has_p2"])? {
        let batch = batch?;
        let seats = batch.column(0).as_primitive_opt::<Int64Type>();
        licences.seats = seats.and_then(|seats| seats.iter().next().flatten()).and_then(|seats| seats.try_into().ok());
        let flag = |at: usize| batch.column(at).as_boolean_opt().and_then(|flags| flags.iter().next().flatten());
        (licences.has_p1, licences.has_p2) = (flag(1), flag(2));
    }
    Ok(licences)
}

/// What stands in a data folder, besides the files of the database.
const OWN: [&str; 10] = [
    "alerts.toml",
    "audit.toml",
    "collect.toml",
    CONFIGURATIONS,
    "evidence",
    EXPORTS,
    "incoming",
    "open.html",
    "sign-in.toml",
    "snapshots",
];

/// A folder of somebody's, such as a home, must not be taken over: it would be closed to everybody else.
fn refuse_foreign(folder: &Path) -> Result<(), HistoryError> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    let names: Vec<_> = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    let known = |name: &String| OWN.contains(&name.as_str()) || name.starts_with("history.db");
    match names.iter().find(|name| !known(name)) {
        Some(found) if !names.iter().any(|name| name == "history.db") => {
            Err(HistoryError::ForeignFolder { folder: folder.to_owned(), found: found.clone() })
        }
        _ => Ok(()),
    }
}

fn make(folder: &Path) -> Result<(), HistoryError> {
    fs::create_dir_all(folder).map_err(with_file("make", folder))?;
    #[cfg(unix)]
    {
        // Who has no second factor is nobody else's business.
        use std::os::unix::fs::PermissionsExt;
        let private = fs::Permissions::from_mode(0o700);
        fs::set_permissions(folder, private).map_err(with_file("protect", folder))?;
    }
    Ok(())
}

/// A name that is one folder on every system.
pub(crate) fn safe(text: &str) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() || letter == '-' { letter } else { '_' };
    text.chars().take(80).map(plain).collect()
}
