//! What every request may use.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use idscore_alerts::Alerting;
use idscore_assess::{AccessOverview, AssessError, Configuration, Reconciliation, access_overview, reconcile_snapshot};
use idscore_catalogue::Catalogue;
use idscore_history::difference::Difference;
use idscore_history::{FileProblem, KeptAssessment};
use idscore_oidc::Provider;
use idscore_schedule::Collecting;
use idscore_store::{Archive, History, HistoryError, Length, NotReady, SessionLimits};
use ipnet::IpNet;

use idscore_snapshot::{OpenError, Snapshot};

use crate::forwarded::Trust;
use crate::hosts::Hosts;
use crate::limits::Limits;
use crate::metrics::{Metrics, MetricsAccess};
use crate::peers::Peers;
use crate::throttle::Throttle;
use crate::uploads::{UploadRules, Uploads};

/// Shows a fresh link to whoever reads the terminal of the service; it gets the path of the address.
pub type Announce = Arc<dyn Fn(&str) + Send + Sync>;

/// What the dashboard needs to know about where it is served.
#[derive(Clone)]
pub(crate) struct Web {
    /// How it is reached.
    pub(crate) trust: Trust,
    /// Whether there are pages at all.
    pub(crate) pages: bool,
    /// Who vouches for people.
    pub(crate) provider: Option<Arc<Provider>>,
    /// Who tells people what happened; the settings show it, and somebody else runs it.
    pub(crate) alerting: Option<Alerting>,
    /// How long people stay signed in.
    pub(crate) sessions: SessionLimits,
    /// Where a link for signing in is shown; nowhere when it is served to many.
    pub(crate) announce: Option<Announce>,
    /// Who reads that terminal.
    pub(crate) owner: String,
    /// Under which names.
    pub(crate) hosts: Hosts,
}

/// The service: where data lie and what they are read with.
#[derive(Clone)]
pub struct Service {
    pub(crate) archive: Archive,
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) limits: Limits,
    pub(crate) throttle: Arc<Throttle>,
    /// Requests that came through trusted proxies.
    pub(crate) proxied: Arc<Peers>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) metrics_access: MetricsAccess,
    pub(crate) uploads: Arc<Uploads>,
    pub(crate) upload_rules: UploadRules,
    pub(crate) web: Web,
    /// Whether each request is a line of the log.
    pub(crate) access_log: bool,
    /// Who collects connected tenants; nobody without collect.toml.
    pub(crate) collecting: Option<Collecting>,
    differences: Arc<Mutex<Differences>>,
    accesses: Arc<WorkedOut<AccessOverview>>,
    reconciliations: Arc<WorkedOut<Option<Reconciliation>>>,
    readiness: Arc<tokio::sync::Mutex<Option<Readiness>>>,
}

/// When it was found out, and what keeps the service from its work.
type Readiness = (Instant, Vec<NotReady>);

/// By the ids of the two assessments.
type Differences = BTreeMap<(String, String), Arc<Difference>>;

/// What was worked out of snapshots, by snapshot and configuration. One is worked out at a time.
struct WorkedOut<T> {
    kept: Mutex<BTreeMap<(String, String), Arc<T>>>,
    working: tokio::sync::Mutex<()>,
}

impl<T> Default for WorkedOut<T> {
    fn default() -> Self {
        Self { kept: Mutex::default(), working: tokio::sync::Mutex::default() }
    }
}

/// Answers of a kind that are kept.
const WORKED_OUT: usize = 16;

/// What a snapshot says of a tenant.
pub(crate) enum FromSnapshot<T> {
    /// All of it; and whether the assessment was judged by another configuration than is in force now.
    Known(Arc<T>, bool),
    /// No snapshot is kept.
    NoSnapshot,
    /// The database names one, and it can't be read; says what is wrong with it.
    Unread(FileProblem),
}

impl<T> FromSnapshot<T> {
    /// What is known, and whether the assessment was judged by another configuration.
    pub(crate) fn known(self) -> Option<(Arc<T>, bool)> {
        match self {
            Self::Known(found, other) => Some((found, other)),
            Self::NoSnapshot | Self::Unread(_) => None,
        }
    }
}

/// A snapshot that can't be read is an answer; where it lies is for whoever runs the service.
fn unread<T>(error: HistoryError) -> Result<FromSnapshot<T>, HistoryError> {
    match error {
        HistoryError::Unread { problem, .. } => {
            tracing::error!(%error, "a kept file can't be read");
            Ok(FromSnapshot::Unread(problem))
        }
        error => Err(error),
    }
}

/// How long it is believed whether the service is ready.
const READINESS: Duration = Duration::from_secs(1);

/// Differences that are kept: a large one holds some thousand names.
const DIFFERENCES: usize = 64;

impl Service {
    /// A service over a data folder.
    #[must_use]
    pub fn new(archive: Archive, catalogue: Catalogue, limits: Limits) -> Self {
        let web = Web {
            trust: Trust::default(),
            pages: true,
            provider: None,
            alerting: None,
            sessions: SessionLimits::default(),
            announce: None,
            owner: String::new(),
            hosts: Hosts::default(),
        };
        Self {
            archive,
            catalogue: Arc::new(catalogue),
            limits,
            throttle: Arc::new(Throttle::new(limits)),
            // Before proxies hold all connections.
            proxied: Peers::new((limits.connections - limits.connections / 4).max(1)),
            metrics: Arc::new(Metrics::new()),
            metrics_access: MetricsAccess::default(),
            uploads: Arc::default(),
            upload_rules: UploadRules::default(),
            web,
            access_log: false,
            collecting: None,
            differences: Arc::default(),
            accesses: Arc::default(),
            reconciliations: Arc::default(),
            readiness: Arc::default(),
        }
    }

    /// The same with other rules for uploads.
    #[must_use]
    pub fn with_uploads(self, upload_rules: UploadRules) -> Self {
        Self { upload_rules, ..self }
    }

    /// The same with metrics for others.
    #[must_use]
    pub fn with_metrics(self, metrics_access: MetricsAccess) -> Self {
        Self { metrics_access, ..self }
    }

    /// The same, and each request is a line of the log.
    #[must_use]
    pub fn logging_access(self) -> Self {
        Self { access_log: true, ..self }
    }

    /// What it reads and writes.
    #[must_use]
    pub fn history(&self) -> &History {
        &self.archive.history
    }

    /// Everything that keeps the service from its work. Whoever asks often is told what was found a moment ago: anybody may ask, and
    /// to find out takes a turn of the one writer.
    pub(crate) async fn not_ready(&self) -> Vec<NotReady> {
        let mut known = self.readiness.lock().await;
        match known.as_ref() {
            Some((at, found)) if at.elapsed() < READINESS => found.clone(),
            _ => {
                let found = self.archive.not_ready().await;
                *known = Some((Instant::now(), found.clone()));
                found
            }
        }
    }

    /// What moved from an assessment of a tenant to a later one, and why. Assessments never change, so that the last
    /// answers are kept: reading evidence and policies of both takes a while.
    ///
    /// # Errors
    /// When a kept file is missing or damaged, or the database refuses.
    pub(crate) async fn difference(
        &self,
        tenant_id: &str,
        before: &str,
        after: &KeptAssessment,
    ) -> Result<Arc<Difference>, HistoryError> {
        let key = (before.to_owned(), after.id.clone());
        let known = self.differences.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let before = self.archive.history.assessment(tenant_id, before).await?;
        let catalogue = self.catalogue.clone();
        let rests = move |id: &str| catalogue.rests_on_policies(id);
        let found = Arc::new(self.archive.difference(&before, after, rests).await?);
        if !found.unread.is_empty() {
            // The file may be brought back.
            return Ok(found);
        }
        let mut kept = self.differences.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= DIFFERENCES {
            kept.clear();
        }
        kept.insert(key, found.clone());
        Ok(found)
    }

    /// What the snapshot of an assessment says, read where it blocks nobody.
    ///
    /// # Errors
    /// When reading panics.
    pub(crate) async fn reading<T: Send + 'static>(
        &self,
        newest: &KeptAssessment,
        read: impl FnOnce(&Snapshot) -> Result<T, OpenError> + Send + 'static,
    ) -> Result<FromSnapshot<T>, HistoryError> {
        let Some(folder) = self.archive.snapshot(newest) else { return Ok(FromSnapshot::NoSnapshot) };
        let read = move || async move {
            let read = Snapshot::open(&folder).and_then(|snapshot| read(&snapshot));
            read.map_err(|error| HistoryError::of_snapshot(&folder, error))
        };
        let read = self.archive.at_work(Length::Reading, "a snapshot", read).await?;
        read.map_or_else(unread, |read| Ok(FromSnapshot::Known(Arc::new(read), false)))
    }

    /// The Conditional Access of the snapshot behind an assessment, read by the configuration that is in force for the tenant
    /// now. Snapshots never change, so that the last answers are kept: of a large tenant it takes some seconds.
    ///
    /// # Errors
    /// When the snapshot or the configuration can't be read.
    pub(crate) async fn access_overview(
        &self,
        newest: &KeptAssessment,
    ) -> Result<FromSnapshot<AccessOverview>, HistoryError> {
        self.worked_out(&self.accesses, newest, access_overview).await
    }

    /// The result of the same snapshot beside Microsoft's own score in it, if it holds one; kept as well.
    ///
    /// # Errors
    /// As [`Service::access_overview`].
    pub(crate) async fn reconciliation(
        &self,
        newest: &KeptAssessment,
    ) -> Result<FromSnapshot<Option<Reconciliation>>, HistoryError> {
        self.worked_out(&self.reconciliations, newest, reconcile_snapshot).await
    }

    async fn worked_out<T: Send + Sync + 'static>(
        &self,
        from: &WorkedOut<T>,
        newest: &KeptAssessment,
        work: fn(&Snapshot, &Catalogue, &Configuration) -> Result<T, AssessError>,
    ) -> Result<FromSnapshot<T>, HistoryError> {
        let Some(folder) = self.archive.snapshot(newest) else { return Ok(FromSnapshot::NoSnapshot) };
        if !folder.is_dir() {
            return Ok(FromSnapshot::Unread(FileProblem::Missing));
        }
        let named = self.upload_rules.configuration.as_deref();
        let (configuration, _) = self.archive.configuration_of(&newest.tenant_id, named).await?;
        let hash = configuration.hash();
        let other = hash != newest.config_hash;
        let key = (newest.snapshot.clone(), hash);
        let known = || from.kept.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(known) = known() {
            return Ok(FromSnapshot::Known(known, other));
        }
        let _working = from.working.lock().await;
        // Somebody else may have asked for the same meanwhile.
        if let Some(known) = known() {
            return Ok(FromSnapshot::Known(known, other));
        }
        let catalogue = self.catalogue.clone();
        let work_out = move || async move {
            let damaged = |error| HistoryError::of_snapshot(&folder, error);
            let snapshot = Snapshot::open(&folder).map_err(damaged)?;
            work(&snapshot, &catalogue, &configuration).map_err(|error| match error {
                AssessError::Snapshot { source, .. } => damaged(source),
                error => HistoryError::Damaged { what: "snapshot", source: Box::new(error) },
            })
        };
        let found = match self.archive.at_work(Length::Reading, "a snapshot", work_out).await? {
            Ok(found) => Arc::new(found),
            Err(error) => return unread(error),
        };
        let mut kept = from.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= WORKED_OUT {
            kept.clear();
        }
        kept.insert(key, found.clone());
        Ok(FromSnapshot::Known(found, other))
    }

    /// The same, seen over HTTPS: cookies never travel in clear.
    #[must_use]
    pub fn behind_https(mut self) -> Self {
        self.web.trust.https = true;
        self
    }

    /// The same behind proxies, whose word about clients is believed.
    #[must_use]
    pub fn trusting(mut self, proxies: Vec<IpNet>) -> Self {
        self.web.trust.proxies = proxies;
        self
    }

    /// The same under these names only, health and metrics aside; under any where there is none.
    #[must_use]
    pub fn named(mut self, hosts: Vec<String>) -> Self {
        self.web.hosts = Hosts::new(hosts);
        self
    }

    /// The same, and whatever does not arrive over HTTPS is refused, health aside.
    #[must_use]
    pub fn over_https_only(mut self) -> Self {
        self.web.trust.https_only = true;
        self
    }

    /// Whether there is a dashboard.
    #[must_use]
    pub fn has_pages(&self) -> bool {
        self.web.pages
    }

    /// The same without a dashboard.
    #[must_use]
    pub fn api_only(mut self) -> Self {
        self.web.pages = false;
        self
    }

    /// The same with somebody who vouches for people.
    #[must_use]
    pub fn vouched_for_by(mut self, provider: Provider) -> Self {
        self.web.provider = Some(Arc::new(provider));
        self
    }

    /// The same with somebody who collects connected tenants.
    #[must_use]
    pub fn collecting(mut self, collecting: Collecting) -> Self {
        self.collecting = Some(collecting);
        self
    }

    /// The same with alerts that the settings show, and whose channels an administrator can try.
    #[must_use]
    pub fn telling_by(mut self, alerting: Alerting) -> Self {
        self.web.alerting = Some(alerting);
        self
    }

    /// The same with other limits of sessions.
    #[must_use]
    pub fn with_sessions(mut self, sessions: SessionLimits) -> Self {
        self.web.sessions = sessions;
        self
    }

    /// The same for whoever reads the terminal, by name: somebody who asks for a link finds it there.
    #[must_use]
    pub fn announcing(mut self, owner: &str, announce: Announce) -> Self {
        owner.clone_into(&mut self.web.owner);
        self.web.announce = Some(announce);
        self
    }
}
