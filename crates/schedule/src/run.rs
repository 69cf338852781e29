//! One run: collect, judge, keep.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use idscore_catalogue::Catalogue;
use idscore_graph::{CollectError, Collection, Kind, Status, Wanted, collect, is_collection};
use idscore_snapshot::{Manifest, ReadOptions};
use idscore_store::{
    Actor, Archive, Bringing, ConfigurationChange, Connected, HistoryError, Length, ReceiveError, Received, RunDataSet,
    RunEnd, RunOutcome, now, with_causes,
};
use tokio::task::{JoinError, JoinSet};

use crate::collecting::Inner;
use crate::due::{chance, next_after};
use crate::progress::{Step, Told};

/// What was collected longer ago than this is not gone on with: one export would tell of two days.
const STALE: Duration = Duration::from_secs(24 * 3600);
/// Runs that may fail for data sets that did not come, before what did come is kept.
const PATIENCE: u32 = 3;

/// How a run went.
struct Went {
    outcome: RunOutcome,
    reason: String,
    data_sets: Vec<RunDataSet>,
    assessment_id: Option<String>,
}

impl Went {
    fn failed(reason: String) -> Self {
        Self { outcome: RunOutcome::Failed, reason, data_sets: Vec::new(), assessment_id: None }
    }
}

/// Runs once, and writes down what came of it.
pub(crate) async fn run(inner: &Arc<Inner>, connected: &Connected, id: &str, told: &Told) {
    let work = {
        let (inner, connected, told) = (Arc::clone(inner), connected.clone(), told.clone());
        async move { read_and_keep(&inner, &connected, &told).await }
    };
    let went = watched(work).await;
    if !is_connected(inner, &connected.tenant_id).await {
        return disconnected(inner, connected, id).await;
    }
    let failures = if went.outcome == RunOutcome::Failed { connected.failures.saturating_add(1) } else { 0 };
    let at = now();
    let end = RunEnd {
        at,
        outcome: went.outcome,
        reason: went.reason.clone(),
        data_sets: went.data_sets,
        assessment_id: went.assessment_id,
        next_at: match went.outcome {
            RunOutcome::Interrupted => at,
            _ => next_after(at, connected.every, failures, chance()),
        },
    };
    let history = &inner.archive.history;
    if let Err(error) = history.end_run(&connected.tenant_id, id, &end).await {
        tracing::error!(%error, tenant = connected.tenant_id, "the end of a collection could not be written down");
    }
    // One word for failures in a row: whoever is told looks here for the rest. A tenant that was deleted meanwhile, whose files
    // went from under the run, has none.
    if failures == 1 && is_connected(inner, &connected.tenant_id).await {
        let input = format!("collection of {}", connected.domain);
        let noted = inner.archive.note_failed_import(&connected.tenant_id, &input, &went.reason, at).await;
        if let Err(error) = noted {
            tracing::error!(%error, "a failed collection could not be noted");
        }
    }
}

/// What a run came to; one that panics has failed like any other.
async fn watched(work: impl Future<Output = Went> + Send + 'static) -> Went {
    // The set ends the work when this future is dropped.
    let mut work = JoinSet::from_iter([work]);
    match work.join_next().await {
        Some(Ok(went)) => went,
        Some(Err(error)) if error.is_panic() => Went::failed(panicked(&error)),
        _ => Went { outcome: RunOutcome::Interrupted, ..Went::failed(String::new()) },
    }
}

fn panicked(error: &JoinError) -> String {
    tracing::error!(%error, "a collection panicked");
    "the collection stopped at a mistake of idscore; the log names the place: please report it".to_owned()
}

async fn read_and_keep(inner: &Inner, connected: &Connected, told: &Told) -> Went {
    let collection = match read(inner, connected, told).await {
        Ok(collection) => collection,
        Err(error) if error.kind() == Kind::Interrupted => {
            return Went { outcome: RunOutcome::Interrupted, ..Went::failed(String::new()) };
        }
        Err(error) => return Went::failed(said(&error)),
    };
    let data_sets: Vec<RunDataSet> = collection.data_sets.iter().map(of_report).collect();
    if let Some(reason) = not_whole(&collection).filter(|_| connected.failures < PATIENCE) {
        return Went { data_sets, ..Went::failed(reason) };
    }
    if !is_connected(inner, &connected.tenant_id).await {
        return Went { outcome: RunOutcome::Interrupted, data_sets, ..Went::failed(String::new()) };
    }
    told.step(Step::Judging);
    match keep(inner, connected).await {
        Ok(assessment_id) => {
            Went { outcome: RunOutcome::Kept, reason: String::new(), data_sets, assessment_id: Some(assessment_id) }
        }
        Err(reason) => Went { data_sets, ..Went::failed(reason) },
    }
}

/// Whether somebody still wants the tenant. Where the history can't say, its next word will be an error too.
async fn is_connected(inner: &Inner, tenant_id: &str) -> bool {
    !matches!(inner.archive.history.connection(tenant_id).await, Ok(None))
}

/// Ends a run whose tenant was disconnected or deleted meanwhile: nothing is kept, and of one that was deleted nothing stays.
async fn disconnected(inner: &Inner, connected: &Connected, id: &str) {
    let (history, tenant_id, at) = (&inner.archive.history, &connected.tenant_id, now());
    let end = RunEnd {
        at,
        outcome: RunOutcome::Interrupted,
        reason: String::new(),
        data_sets: Vec::new(),
        assessment_id: None,
        next_at: at,
    };
    if let Err(error) = history.end_run(tenant_id, id, &end).await {
        tracing::error!(%error, tenant = tenant_id, "the end of a collection could not be written down");
    }
    let exports = inner.archive.exports(tenant_id);
    if matches!(history.tenant(tenant_id).await, Err(HistoryError::NotFound { .. }))
        && exports.exists()
        && let Err(error) = fs::remove_dir_all(&exports)
    {
        tracing::error!(%error, tenant = tenant_id, "the export of a deleted tenant could not be removed");
    }
}

fn of_report(report: &idscore_graph::DataSetReport) -> RunDataSet {
    RunDataSet { name: report.name.clone(), status: report.status.word().to_owned(), rows: report.rows }
}

fn said(error: &CollectError) -> String {
    let hint = error.hint().map_or_else(String::new, |hint| format!("; {hint}"));
    format!("{}{hint}", with_causes(error))
}

/// What should have come and did not: another run may get it.
fn not_whole(collection: &Collection) -> Option<String> {
    let missing = collection.missing().find(|set| matches!(set.status, Status::Failed | Status::Incomplete))?;
    let why = missing.message.as_deref().unwrap_or("no reason was given");
    Some(format!("`{}` could not be read: {why}", missing.name))
}

/// Reads into `next`, from where a run before was interrupted, or as what changed since `newest`.
async fn read(inner: &Inner, connected: &Connected, told: &Told) -> Result<Collection, CollectError> {
    let exports = inner.archive.exports(&connected.tenant_id);
    let (next, newest) = (exports.join("next"), exports.join("newest"));
    let application = inner.settings.application(&connected.credential).ok_or_else(|| {
        CollectError::call(
            format!("collect.toml has no application `{}`", connected.credential),
            "add it there, or connect the tenant with another one",
        )
    })?;
    let failed = |source| CollectError::File { action: "prepare", path: next.clone(), source };
    prepare(&exports, &next).map_err(failed)?;
    let wanted = Wanted {
        resume: is_collection(&next),
        since: is_collection(&newest).then_some(newest),
        out: next,
        per_user_mfa: application.per_user_mfa,
        sign_in_days: application.sign_in_days,
        on_premises_sync: false,
    };
    let patience = inner.rules.patience;
    let connection = application.connection(&connected.domain, patience, &|name| std::env::var(name).ok())?;
    let collection = collect(&connection, &wanted, told, &inner.stop).await?;
    match &collection.tenant_id {
        Some(tenant) if !tenant.eq_ignore_ascii_case(&connected.tenant_id) => Err(CollectError::call(
            format!("`{}` is tenant {tenant} now, and was {}", connected.domain, connected.tenant_id),
            "connect it again by its id",
        )),
        _ => Ok(collection),
    }
}

/// A folder that only we may look into, without what can't be gone on with.
fn prepare(exports: &Path, next: &Path) -> io::Result<()> {
    make_private(exports)?;
    if !next.exists() {
        return Ok(());
    }
    let age = fs::metadata(next)?.modified().ok().and_then(|written| SystemTime::now().duration_since(written).ok());
    if is_collection(next) && age.is_none_or(|age| age < STALE) { Ok(()) } else { fs::remove_dir_all(next) }
}

fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(folder)
}

/// Judges and keeps what lies in `next`, which is `newest` from then on; says the assessment's id.
async fn keep(inner: &Inner, connected: &Connected) -> Result<String, String> {
    let (archive, catalogue) = (inner.archive.clone(), inner.catalogue.clone());
    let (tenant, common) = (connected.tenant_id.clone(), inner.rules.configuration.clone());
    let work = move || kept(archive, catalogue, tenant, common);
    inner.archive.at_work(Length::Judgement, "a collected export", work).await.map_err(|error| with_causes(&error))?
}

async fn kept(
    archive: Archive,
    catalogue: Arc<Catalogue>,
    tenant: String,
    common: Option<PathBuf>,
) -> Result<String, String> {
    let exports = archive.exports(&tenant);
    let collected = Collected { next: exports.join("next"), tenant };
    let kept = archive.take_in(&Actor::part("schedule"), &catalogue, common.as_deref(), &collected).await;
    let kept = kept.map_err(|error| with_causes(&error))?;
    let newest = exports.join("newest");
    let moved = if newest.exists() { fs::remove_dir_all(&newest) } else { Ok(()) };
    if let Err(error) = moved.and_then(|()| fs::rename(&collected.next, &newest)) {
        // The next run begins anew: it is slower, and nothing is lost.
        tracing::warn!(%error, "a collected export could not be put aside");
    }
    Ok(kept.assessment.id)
}

/// What a run collected of a tenant.
struct Collected {
    next: PathBuf,
    tenant: String,
}

impl Bringing for Collected {
    fn receive(&self, archive: &Archive) -> Result<Received, ReceiveError> {
        archive.receive(&self.next, &ReadOptions::default())
    }

    fn check(&self, manifest: &Manifest) -> Result<(), String> {
        if manifest.tenant_id.eq_ignore_ascii_case(&self.tenant) {
            return Ok(());
        }
        Err(format!("the export is of tenant {}, not of {}", manifest.tenant_id, self.tenant))
    }

    fn warn(&self, change: &ConfigurationChange) {
        tracing::warn!(tenant = self.tenant, "a collected export is {change}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_run_that_panics_has_failed_with_a_reason() {
        let went = watched(async { panic!("the row of anna@example.org") }).await;
        assert_eq!(went.outcome, RunOutcome::Failed);
        assert!(went.reason.contains("please report it") && !went.reason.contains("anna"), "{}", went.reason);
    }
}
