//! The data folder: the database beside the snapshots and the evidence that it refers to.
//!
//! `history.db`, `snapshots/<tenant>/<instant>/`, `evidence/<tenant>/<instant>-<number>.parquet`, and what people put there:
//! `alerts.toml`, `configurations/<tenant>.toml`.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use idscore_assess::{Configuration, EvidenceRow, Judgement, assess_keeping};
use idscore_catalogue::Catalogue;
use idscore_score::Zones;
use idscore_snapshot::{DataSetRecord, DataSetStatus, OpenError, Snapshot};
use serde_json::json;

use crate::audit::Actor;
use crate::difference::{Difference, Documents, RowsOf, Side, difference, digest};
use crate::error::HistoryError;
use crate::evidence::{self, EvidenceRows};
use crate::instants::micros;
use crate::kept::{Cause, KeptAssessment};
use crate::microsoft::Served;
use crate::store::History;
use crate::tenants::Tenant;

/// Rows of evidence that are kept of one control, besides everybody privileged; all of them are in the snapshot.
pub(crate) const EVIDENCE_ROWS: usize = 100_000;

/// Exports that the schedule collects.
pub(crate) const EXPORTS: &str = "exports";
/// The folder of configurations, one file per tenant.
pub(crate) const CONFIGURATIONS: &str = "configurations";

/// Data sets that decide what Conditional Access demands, and the kinds of their documents.
const POLICIES: [(&str, &str); 3] = [
    ("policies", "conditionalAccessPolicy"),
    ("namedLocations", "namedLocation"),
    ("authenticationStrengthPolicies", "authenticationStrengthPolicy"),
];

const SECURITY_DEFAULTS: &str = "identitySecurityDefaultsEnforcementPolicy";

/// History together with the folder in which snapshots and evidence lie.
#[derive(Debug, Clone)]
pub struct Archive {
    /// The database.
    pub history: History,
    folder: PathBuf,
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
}

impl Archive {
    /// Opens a data folder, made where there is none; `database` is the address of the database, or SQLite in the folder.
    ///
    /// # Errors
    /// When the folder can't be made or the database can't be opened.
    pub async fn open(folder: &Path, database: Option<&str>) -> Result<Self, HistoryError> {
        make(folder)?;
        let own = format!("sqlite:{}", folder.join("history.db").display());
        Ok(Self { history: History::open(database.unwrap_or(&own)).await?, folder: folder.to_owned() })
    }

    /// Where snapshots that are still being written may lie: a rename puts them into their place.
    ///
    /// # Errors
    /// When the folder can't be made.
    pub fn incoming(&self) -> Result<PathBuf, HistoryError> {
        let folder = self.folder.join("incoming");
        make(&folder)?;
        Ok(folder)
    }

    /// Where the exports that the schedule collects of a tenant lie: the newest, from which the next one goes on.
    #[must_use]
    pub fn exports(&self, tenant_id: &str) -> PathBuf {
        self.folder.join(EXPORTS).join(safe(tenant_id))
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The configuration of a tenant for exports that arrive over HTTP; none where it has none of its own.
    #[must_use]
    pub fn configuration(&self, tenant_id: &str) -> Option<PathBuf> {
        let file = self.folder.join(CONFIGURATIONS).join(format!("{}.toml", safe(tenant_id)));
        file.is_file().then_some(file)
    }

    /// The folder of a kept snapshot; none where none was kept.
    #[must_use]
    pub fn snapshot(&self, assessment: &KeptAssessment) -> Option<PathBuf> {
        (!assessment.snapshot.is_empty()).then(|| self.folder.join(&assessment.snapshot))
    }

    /// Judges a snapshot in [`Archive::incoming`], applies what the organisation decided, and keeps all of it,
    /// Microsoft's own days and averages in the snapshot included. The snapshot is moved to its place; files that a crash
    /// leaves behind are referred to by nothing.
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
        let judged =
            |source: Box<dyn std::error::Error + Send + Sync>| HistoryError::Damaged { what: "snapshot", source };
        let opened = Snapshot::open(snapshot).map_err(|source| judged(Box::new(source)))?;
        // Evidence is written while it is found: a large tenant has more of it than memory should hold.
        let passing = tempfile::tempdir_in(self.incoming()?).map_err(|source| HistoryError::File {
            action: "make a passing folder in",
            path: self.folder.clone(),
            source,
        })?;
        let written = passing.path().join("evidence.parquet");
        let mut writer = evidence::Writer::create(&written)?;
        let mut keep = |id: &str, rows| writer.take(id, rows).map_err(Into::into);
        let judgement = assess_keeping(&opened, catalogue, configuration, EVIDENCE_ROWS, &mut keep)
            .map_err(|source| judged(Box::new(source)))?;
        writer.finish(&judgement.evidence)?;
        let licences = licences(&opened).map_err(|source| judged(Box::new(source)))?;
        let tenant_id = judgement.assessment.tenant_id.clone();
        let policies = policies_of(&opened).map_err(|source| judged(Box::new(source)))?;
        let served = Served::read(&opened, &tenant_id, catalogue).map_err(|source| judged(Box::new(source)))?;
        let place = Path::new(&safe(&tenant_id)).join(safe(&judgement.assessment.taken_at));
        let number = self.put(snapshot, &place)?;
        let relative = format!("snapshots/{}-{number}", place.display());
        let evidence = format!("evidence/{}-{number}.parquet", place.display());
        let path = self.folder.join(&evidence);
        path.parent().map_or(Ok(()), make)?;
        fs::rename(&written, &path).map_err(|source| HistoryError::File {
            action: "move the evidence to",
            path: path.clone(),
            source,
        })?;

        let tenant = Tenant {
            id: tenant_id.clone(),
            // PostgreSQL takes no NUL in a text.
            display_name: judgement.assessment.display_name.as_deref().unwrap_or_default().replace('\0', "\u{fffd}"),
            industry: String::new(),
            seats: licences.seats,
            zones: Zones::default(),
            invented: false,
        };
        self.history.register(actor, &tenant).await?;
        let mut measured =
            KeptAssessment { evidence, ..KeptAssessment::of(&judgement, configuration.score, &relative) };
        (measured.has_p1, measured.has_p2) = (licences.has_p1, licences.has_p2);
        measured.details.policies = policies;
        let at = micros(&judgement.assessment.taken_at).unwrap_or_default();
        // An older snapshot that is kept late is laid beside what was there before its own day.
        let previous = self.history.before(&tenant_id, at).await?;
        let decisions = self.history.decisions(&tenant_id, at).await?;
        let mut assessment = measured.decided(&decisions).unwrap_or(measured);
        if previous.as_ref().is_some_and(|previous| previous.taken_at == assessment.taken_at) {
            assessment.cause = Cause::Reassessment;
        }
        assessment.id = self.history.keep_with(actor, &assessment, &served).await?;
        Ok(Kept { assessment, previous, judgement })
    }

    /// The evidence of a control of an assessment, the most urgent rows first; none where none is kept.
    ///
    /// # Errors
    /// When the file is missing or damaged.
    pub fn evidence(&self, assessment: &KeptAssessment, control_id: &str) -> Result<Vec<EvidenceRow>, HistoryError> {
        let found = self.find_evidence(assessment, control_id, "")?;
        found.rows(0..found.found())
    }

    /// Where the evidence of a control is, or the part of it in which a text stands: pages of it are read from there.
    ///
    /// # Errors
    /// When the file is missing or damaged.
    pub fn find_evidence(
        &self,
        assessment: &KeptAssessment,
        control_id: &str,
        text: &str,
    ) -> Result<EvidenceRows, HistoryError> {
        if assessment.evidence.is_empty() {
            return Ok(EvidenceRows::none());
        }
        EvidenceRows::find(&self.folder.join(&assessment.evidence), control_id, text)
    }

    /// What moved from one assessment to another, and why, from everything that is kept of both.
    /// `rests_on_policies` says of a control whether Conditional Access decides it.
    ///
    /// # Errors
    /// When a kept file is missing or damaged, or the database refuses.
    pub async fn difference(
        &self,
        before: &KeptAssessment,
        after: &KeptAssessment,
        rests_on_policies: &(dyn Fn(&str) -> bool + Sync),
    ) -> Result<Difference, HistoryError> {
        let (documents_before, documents_after) = (self.documents(before)?, self.documents(after)?);
        // Only the side that came later says why something was decided.
        let actions = self.history.actions_at(&after.tenant_id, after.assessed_at).await?;
        let none = BTreeMap::new();
        // Both sides are read control by control: all of it at once may be more than memory should hold.
        let open = |kept: &KeptAssessment| {
            let file = (!kept.evidence.is_empty()).then(|| self.folder.join(&kept.evidence));
            file.map(|file| evidence::Compared::open(&file)).transpose()
        };
        let (kept_before, kept_after) = (open(before)?, open(after)?);
        let failure = RefCell::new(None);
        let rows = |kept: Option<&evidence::Compared>, id: &str| {
            let read = kept.map(|kept| kept.rows(id)).transpose();
            read.unwrap_or_else(|error| {
                failure.borrow_mut().get_or_insert(error);
                None
            })
        };
        let before_of = |id: &str| rows(kept_before.as_ref(), id).unwrap_or_default();
        let after_of = |id: &str| rows(kept_after.as_ref(), id).unwrap_or_default();
        let was = Side {
            assessment: before,
            evidence: kept_before.as_ref().map(|_| &before_of as &RowsOf<'_>),
            documents: documents_before.as_ref(),
            actions: &none,
        };
        let is = Side {
            assessment: after,
            evidence: kept_after.as_ref().map(|_| &after_of as &RowsOf<'_>),
            documents: documents_after.as_ref(),
            actions: &actions,
        };
        let found = difference(was, is, rests_on_policies);
        failure.into_inner().map_or(Ok(found), Err)
    }

    /// The same without evidence: which controls, policies, decisions and rules moved, but not who. Quick enough for a
    /// list of many.
    ///
    /// # Errors
    /// When a kept snapshot is damaged, or the database refuses.
    pub async fn outline(
        &self,
        before: &KeptAssessment,
        after: &KeptAssessment,
        rests_on_policies: &(dyn Fn(&str) -> bool + Sync),
    ) -> Result<Difference, HistoryError> {
        let actions = self.history.actions_at(&after.tenant_id, after.assessed_at).await?;
        let none = BTreeMap::new();
        // The same snapshot holds the same policies.
        let other = before.snapshot != after.snapshot;
        let documents = |kept| if other { self.documents(kept) } else { Ok(None) };
        let (was, is) = (documents(before)?, documents(after)?);
        let side = |assessment, documents, actions| Side { assessment, evidence: None, documents, actions };
        let (was, is) = (side(before, was.as_ref(), &none), side(after, is.as_ref(), &actions));
        Ok(difference(was, is, rests_on_policies))
    }

    /// The policies of a kept snapshot and what they name.
    fn documents(&self, kept: &KeptAssessment) -> Result<Option<Documents>, HistoryError> {
        let Some(folder) = self.snapshot(kept) else { return Ok(None) };
        let damaged = |source| HistoryError::Damaged { what: "snapshot", source: Box::new(source) };
        let snapshot = Snapshot::open(&folder).map_err(damaged)?;
        let whole = |name: &str| {
            let sets = &snapshot.manifest().data_sets;
            sets.iter().any(|set| set.name == name && set.status == DataSetStatus::Complete)
        };
        // What could not be read on one side didn't vanish there.
        let of = |(_, kind): &(&str, &str)| Ok(((*kind).to_owned(), snapshot.documents(kind).map_err(damaged)?));
        let mut documents: Documents =
            POLICIES.iter().filter(|(name, _)| whole(name)).map(of).collect::<Result<_, HistoryError>>()?;
        // Security defaults are a column of the tenant; here they are one more policy.
        if let Some(enabled) = security_defaults(&snapshot).map_err(damaged)? {
            let policy = json!({"displayName": "Security defaults", "isEnabled": enabled});
            documents.insert(SECURITY_DEFAULTS.to_owned(), vec![("securityDefaults".to_owned(), policy)]);
        }
        Ok(Some(documents))
    }

    /// Moves a snapshot to the first free number of its place, and says the number.
    fn put(&self, snapshot: &Path, place: &Path) -> Result<usize, HistoryError> {
        let parent = self.folder.join("snapshots").join(place.parent().unwrap_or(Path::new("")));
        make(&parent)?;
        let name = place.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut number = 1;
        loop {
            let target = parent.join(format!("{name}-{number}"));
            if !target.exists() {
                return match fs::rename(snapshot, &target) {
                    Ok(()) => Ok(number),
                    // Another process was quicker.
                    Err(_) if target.exists() => continue,
                    Err(source) => Err(HistoryError::File { action: "move the snapshot to", path: target, source }),
                };
            }
            number += 1;
        }
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

/// What tells the Conditional Access policies of a snapshot from others; empty where they could not all be read.
///
/// # Errors
/// When the snapshot can't be read.
pub fn policies_of(snapshot: &Snapshot) -> Result<String, OpenError> {
    let [(name, kind), ..] = POLICIES;
    let whole = |set: &DataSetRecord| set.name == name && set.status == DataSetStatus::Complete;
    if !snapshot.manifest().data_sets.iter().any(whole) {
        return Ok(String::new());
    }
    Ok(digest(&snapshot.documents(kind)?))
}

fn security_defaults(snapshot: &Snapshot) -> Result<Option<bool>, OpenError> {
    let mut enabled = None;
    for batch in snapshot.read("tenant", &["security_defaults_enabled"])? {
        let batch = batch?;
        let column = batch.column(0).as_boolean_opt().cloned();
        enabled = column.and_then(|column| column.iter().next().flatten());
    }
    Ok(enabled)
}

fn make(folder: &Path) -> Result<(), HistoryError> {
    fs::create_dir_all(folder).map_err(|source| HistoryError::File { action: "make", path: folder.into(), source })?;
    #[cfg(unix)]
    {
        // Who has no second factor is nobody else's business.
        use std::os::unix::fs::PermissionsExt;
        let private = fs::Permissions::from_mode(0o700);
        fs::set_permissions(folder, private).map_err(|source| HistoryError::File {
            action: "protect",
            path: folder.into(),
            source,
        })?;
    }
    Ok(())
}

/// A name that is one folder on every system.
pub(crate) fn safe(text: &str) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() || letter == '-' { letter } else { '_' };
    text.chars().take(80).map(plain).collect()
}
