//! What every request may use.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};

use governor::clock::DefaultClock;
use governor::state::{InMemoryState, NotKeyed};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use idscore_catalogue::Catalogue;
use idscore_history::difference::Difference;
use idscore_history::{Archive, History, HistoryError, KeptAssessment, SessionLimits};
use idscore_oidc::Provider;
use ipnet::IpNet;

use crate::api::Throttle;
use crate::forwarded::Trust;
use crate::metrics::{Metrics, MetricsAccess};
use crate::uploads::{UploadRules, Uploads};

/// How much one token may ask.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Requests a second that a token may make without end.
    pub requests_per_second: NonZeroU32,
    /// Requests that it may make at once before that.
    pub burst: NonZeroU32,
}

impl Default for Limits {
    fn default() -> Self {
        let ten = NonZeroU32::MIN.saturating_add(9);
        Self { requests_per_second: ten, burst: ten.saturating_mul(ten) }
    }
}

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
    /// How often somebody may begin to sign in, by their address.
    pub(crate) attempts: Arc<DefaultKeyedRateLimiter<Option<IpAddr>>>,
    /// How long people stay signed in.
    pub(crate) sessions: SessionLimits,
    /// Where a link for signing in is shown; nowhere when it is served to many.
    pub(crate) announce: Option<Announce>,
    /// Who reads that terminal.
    pub(crate) owner: String,
    /// How often somebody may ask for a link: nobody fills the terminal.
    pub(crate) links: Arc<RateLimiter<NotKeyed, InMemoryState, DefaultClock>>,
}

/// The service: where data lie and what they are read with.
#[derive(Clone)]
pub struct Service {
    pub(crate) archive: Archive,
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) throttle: Arc<Throttle>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) metrics_access: MetricsAccess,
    pub(crate) uploads: Arc<Uploads>,
    pub(crate) upload_rules: UploadRules,
    pub(crate) web: Web,
    differences: Arc<Mutex<Differences>>,
}

/// By the ids of the two assessments.
type Differences = BTreeMap<(String, String), Arc<Difference>>;

/// Differences that are kept: a large one holds some thousand names.
const DIFFERENCES: usize = 64;

impl Service {
    /// A service over a data folder.
    #[must_use]
    pub fn new(archive: Archive, catalogue: Catalogue, limits: Limits) -> Self {
        let six = NonZeroU32::MIN.saturating_add(5);
        let web = Web {
            trust: Trust::default(),
            pages: true,
            provider: None,
            attempts: Arc::new(RateLimiter::keyed(Quota::per_minute(NonZeroU32::MIN.saturating_add(29)))),
            sessions: SessionLimits::default(),
            announce: None,
            owner: String::new(),
            links: Arc::new(RateLimiter::direct(Quota::per_minute(six))),
        };
        Self {
            archive,
            catalogue: Arc::new(catalogue),
            throttle: Arc::new(Throttle::new(limits)),
            metrics: Arc::new(Metrics::new()),
            metrics_access: MetricsAccess::default(),
            uploads: Arc::default(),
            upload_rules: UploadRules::default(),
            web,
            differences: Arc::default(),
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

    /// What it reads and writes.
    #[must_use]
    pub fn history(&self) -> &History {
        &self.archive.history
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
        let rests = |id: &str| self.catalogue.rests_on_policies(id);
        let found = Arc::new(self.archive.difference(&before, after, &rests).await?);
        let mut kept = self.differences.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= DIFFERENCES {
            kept.clear();
        }
        kept.insert(key, found.clone());
        Ok(found)
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
