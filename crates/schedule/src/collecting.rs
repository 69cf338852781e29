//! Beside a service: whoever is due is collected.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use idscore_catalogue::Catalogue;
use idscore_graph::{CollectError, Patience, Stop, Trial, Unwatched, Wanted, probe};
use idscore_history::Tenant;
use idscore_score::Zones;
use idscore_store::{Actor, Archive, Connected, HistoryError, now};
use tokio::sync::{Notify, Semaphore};
use tokio::task::{JoinError, JoinSet};

use crate::progress::{Progress, Told};
use crate::run::run;
use crate::settings::{Application, Settings};

/// Tenants that are collected at once.
const AT_ONCE: usize = 2;
/// How often to look who is due, where nobody says.
const LOOK: Duration = Duration::from_secs(30);
/// How often a run says that it is alive.
const BEAT: Duration = Duration::from_secs(30);

/// What holds for every run.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// The configuration for every tenant, in place of its own in the data folder.
    pub configuration: Option<PathBuf>,
    /// How long a run goes on where answers don't come.
    pub patience: Patience,
}

/// Collects connected tenants. Clones are the same.
#[derive(Clone)]
pub struct Collecting(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) archive: Archive,
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) settings: Settings,
    pub(crate) rules: Rules,
    pub(crate) stop: Stop,
    running: Mutex<BTreeMap<String, Told>>,
    wake: Notify,
    turns: Arc<Semaphore>,
}

/// Why a tenant could not be connected.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// There is no such application in `collect.toml`.
    #[error("collect.toml has no application `{0}`")]
    Application(String),
    /// What was given is no tenant.
    #[error("`{0}` is no tenant: give its id or one of its domains, such as contoso.onmicrosoft.com")]
    Domain(String),
    /// It does not sign in, or Graph can't be reached.
    #[error(transparent)]
    Collect(#[from] CollectError),
    /// The token does not say of which tenant it is.
    #[error("the token does not say of which tenant it is; connect the tenant by its id")]
    Nameless,
    /// The history refuses.
    #[error(transparent)]
    History(#[from] HistoryError),
}

impl Collecting {
    /// Over a data folder; nothing happens before [`Collecting::run`].
    #[must_use]
    pub fn new(archive: Archive, catalogue: Arc<Catalogue>, settings: Settings, rules: Rules) -> Self {
        Self(Arc::new(Inner {
            archive,
            catalogue,
            settings,
            rules,
            stop: Stop::default(),
            running: Mutex::default(),
            wake: Notify::new(),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
        }))
    }

    /// Applications that tenants can be connected with.
    #[must_use]
    pub fn applications(&self) -> &[Application] {
        &self.0.settings.applications
    }

    /// From one run to the next, in microseconds.
    #[must_use]
    pub fn every(&self) -> i64 {
        self.0.settings.every
    }

    /// How far the run of a tenant is; none where this process has none.
    #[must_use]
    pub fn progress(&self, tenant_id: &str) -> Option<Progress> {
        self.running().get(tenant_id).map(Told::now)
    }

    /// Looks at once who is due.
    pub fn wake(&self) {
        self.0.wake.notify_one();
    }

    /// Ends all runs at their next step; what was read stays for the next.
    pub fn stop(&self) {
        self.0.stop.stop();
    }

    /// Signs in and asks for each data set once.
    ///
    /// # Errors
    /// When there is no such application or tenant, it does not sign in, or Graph can't be reached.
    pub async fn try_out(&self, domain: &str, application: &str) -> Result<Trial, ConnectError> {
        let domain = tenant_of(domain)?;
        let known = self.0.settings.application(application);
        let known = known.ok_or_else(|| ConnectError::Application(application.to_owned()))?;
        let connection = known.connection(domain, self.0.rules.patience, &|name| std::env::var(name).ok())?;
        let wanted = Wanted { per_user_mfa: known.per_user_mfa, sign_in_days: known.sign_in_days, ..Wanted::default() };
        Ok(probe(&connection, &wanted, &Unwatched, &self.0.stop).await?)
    }

    /// Connects a tenant, once it is sure that the application signs in there; says the tenant's id. It is due at once.
    ///
    /// # Errors
    /// As [`Collecting::try_out`], or when the history refuses.
    pub async fn connect(&self, actor: &Actor, domain: &str, application: &str) -> Result<String, ConnectError> {
        let trial = self.try_out(domain, application).await?;
        let tenant_id = trial.tenant_id.ok_or(ConnectError::Nameless)?.to_lowercase();
        let domain = tenant_of(domain)?;
        let history = &self.0.archive.history;
        if matches!(history.tenant(&tenant_id).await, Err(HistoryError::NotFound { .. })) {
            let tenant = Tenant {
                id: tenant_id.clone(),
                // Its own name comes with the first export.
                display_name: domain.to_owned(),
                industry: String::new(),
                seats: None,
                zones: Zones::default(),
                invented: false,
            };
            history.register(actor, &tenant).await?;
        }
        history.connect(actor, &tenant_id, domain, application, self.every(), now()).await?;
        self.wake();
        Ok(tenant_id)
    }

    /// Collects whoever is due, until [`Collecting::stop`]; the runs that are at work end in order then.
    pub async fn run(&self) {
        let mut runs = JoinSet::new();
        loop {
            match self.due().await {
                Ok(due) => {
                    for connected in due {
                        let Ok(turn) = self.0.turns.clone().try_acquire_owned() else { break };
                        let this = self.clone();
                        runs.spawn(async move {
                            let ran = this.one(&connected).await;
                            drop(turn);
                            if ran {
                                this.wake();
                            }
                        });
                    }
                }
                Err(error) => tracing::error!(%error, "nobody knows which tenants are due"),
            }
            tokio::select! {
                () = self.0.stop.asked() => break,
                () = self.0.wake.notified() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
            while let Some(ended) = runs.try_join_next() {
                tell_panic(ended);
            }
        }
        while let Some(ended) = runs.join_next().await {
            tell_panic(ended);
        }
    }

    /// Tenants that are due and not at work here.
    async fn due(&self) -> Result<Vec<Connected>, HistoryError> {
        let at = now();
        let connections = self.0.archive.history.connections().await?;
        let running = self.running();
        let due = connections.into_iter().filter(|connected| {
            !connected.paused && connected.next_at <= at && !running.contains_key(&connected.tenant_id)
        });
        Ok(due.collect())
    }

    /// Collects a tenant; says whether it did, which another process or run may be doing.
    async fn one(&self, connected: &Connected) -> bool {
        let (tenant, at) = (&connected.tenant_id, now());
        let told = Told::new(at);
        let Some(_at_work) = AtWork::mark(self, tenant, &told) else { return false };
        match self.0.archive.history.begin_run(tenant, at).await {
            Ok(Some(id)) => {
                tokio::select! {
                    () = run(&self.0, connected, &id, &told) => {}
                    () = self.beat(&id) => {}
                }
                true
            }
            Ok(None) => false,
            Err(error) => {
                tracing::error!(%error, tenant, "a collection could not begin");
                false
            }
        }
    }

    /// Says for ever that a run is alive.
    async fn beat(&self, id: &str) {
        let mut beats = tokio::time::interval(BEAT);
        loop {
            beats.tick().await;
            if let Err(error) = self.0.archive.history.run_is_alive(id, now()).await {
                tracing::warn!(%error, "a collection could not say that it is alive");
            }
        }
    }

    fn running(&self) -> MutexGuard<'_, BTreeMap<String, Told>> {
        self.0.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The mark that a tenant is collected here. It goes however the run ends.
struct AtWork<'c> {
    collecting: &'c Collecting,
    tenant_id: &'c str,
}

impl<'c> AtWork<'c> {
    /// None where a run has the tenant already.
    fn mark(collecting: &'c Collecting, tenant_id: &'c str, told: &Told) -> Option<Self> {
        match collecting.running().entry(tenant_id.to_owned()) {
            Entry::Occupied(_) => None,
            Entry::Vacant(place) => {
                place.insert(told.clone());
                Some(Self { collecting, tenant_id })
            }
        }
    }
}

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        self.collecting.running().remove(self.tenant_id);
    }
}

/// What a run reads and keeps is watched by the run itself; a panic that comes here happened around it.
fn tell_panic(ended: Result<(), JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a collection panicked; it counts as interrupted, and its tenant is collected again");
    }
}

/// A tenant's id or domain as it may stand in an address.
fn tenant_of(text: &str) -> Result<&str, ConnectError> {
    let text = text.trim();
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    if text.is_empty() || text.len() > 253 || text.starts_with('.') || !text.bytes().all(fits) {
        return Err(ConnectError::Domain(text.chars().take(80).collect()));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_tenant_is_free_again_when_its_run_panics() {
        let folder = tempfile::tempdir().unwrap();
        let archive = Archive::open(folder.path(), None).await.unwrap();
        let catalogue = Arc::new(Catalogue::embedded().unwrap());
        let settings = Settings { every: 1, applications: Vec::new() };
        let collecting = Collecting::new(archive, catalogue, settings, Rules::default());
        let at_work = collecting.clone();
        let run = tokio::spawn(async move {
            let _mark = AtWork::mark(&at_work, "t", &Told::new(0)).unwrap();
            assert!(at_work.progress("t").is_some() && AtWork::mark(&at_work, "t", &Told::new(0)).is_none());
            panic!("on purpose");
        });
        assert!(run.await.unwrap_err().is_panic());
        assert_eq!(collecting.progress("t"), None);
    }

    #[test]
    fn what_could_change_an_address_is_no_tenant() {
        assert_eq!(tenant_of(" contoso.onmicrosoft.com ").unwrap(), "contoso.onmicrosoft.com");
        for text in ["", "a/b", "a?b", "..", "a b", "a%2fb", "ä.test"] {
            assert!(matches!(tenant_of(text), Err(ConnectError::Domain(_))), "{text}");
        }
    }
}
