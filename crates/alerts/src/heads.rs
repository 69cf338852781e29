//! The head of the audit log, told to other places: whoever rewrites the database then can't rewrite what these hold.
//!
//! `audit.toml` says where to ([`HeadSettings`]). The service tells it once in a while ([`Heads::run`]), and `audit verify` holds the log
//! against the files that were written ([`recorded`]).

mod place;
mod recorded;
mod settings;
mod syslog;

use std::sync::Arc;
use std::time::Duration;

use idscore_secrets::SettingsError;
use idscore_store::{Head, History, HistoryError};
use tokio::time::{Instant, MissedTickBehavior};

use self::place::Place;
use crate::error::SendError;

pub use self::recorded::{Compared, Contradiction, RecordedError, is_hash, line, recorded};
pub use self::settings::{Destination, HeadSettings};

/// How often a new head is looked for; asking costs one read of an index.
const LOOK: Duration = Duration::from_secs(60);

/// Places that are told the head, ready to be used.
#[derive(Clone)]
pub struct Heads {
    places: Vec<Arc<Place>>,
    every: Duration,
}

/// What a place was told last.
#[derive(Clone, Copy)]
struct Told {
    sequence: i64,
    at: Instant,
}

impl Heads {
    /// Reads the secret that webhooks are signed with; `variable` is the environment. `patience` is how long a place may take.
    ///
    /// # Errors
    /// When the secret can't be used.
    pub fn open(
        settings: &HeadSettings,
        variable: &dyn Fn(&str) -> Option<String>,
        patience: Duration,
    ) -> Result<Self, SettingsError> {
        let key = settings.key(variable)?;
        let open = |destination| Place::open(settings, destination, key.as_ref(), patience).map(Arc::new);
        let places = settings.head_to.iter().map(open).collect::<Result<_, _>>()?;
        Ok(Self { places, every: settings.every })
    }

    /// Tells a head to all places; says for each, by what stands for it in messages, whether it arrived.
    pub async fn send(&self, head: &Head) -> Vec<(String, Result<(), SendError>)> {
        let mut results = Vec::with_capacity(self.places.len());
        for place in &self.places {
            results.push((place.name().to_owned(), place.tell(head).await));
        }
        results
    }

    /// Tells without end: at the beginning, and then whenever the head has changed and a place was told long enough ago. What did not
    /// arrive is told again a minute later.
    pub async fn run(self, history: History) {
        let mut ticks = tokio::time::interval(LOOK.min(self.every));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut told = vec![None; self.places.len()];
        loop {
            ticks.tick().await;
            if let Err(error) = self.round(&history, &mut told).await {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the head of the audit log could not be read"
                );
            }
        }
    }

    async fn round(&self, history: &History, told: &mut [Option<Told>]) -> Result<(), HistoryError> {
        let Some(head) = history.audit_head().await? else { return Ok(()) };
        for (place, told) in self.places.iter().zip(told) {
            let is_due = |told: &Told| told.sequence != head.sequence && told.at.elapsed() >= self.every;
            if !told.as_ref().is_none_or(is_due) {
                continue;
            }
            match place.tell(&head).await {
                Ok(()) => *told = Some(Told { sequence: head.sequence, at: Instant::now() }),
                Err(error) => tracing::error!(place = place.name(), %error, "the head of the audit log did not arrive"),
            }
        }
        Ok(())
    }
}
