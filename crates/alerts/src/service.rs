//! Watching and telling: what happened goes to the outbox, and from there to its channels.

use std::sync::Arc;
use std::time::Duration;

use idscore_history::events::{Watch, of_assessment, of_plan};
use idscore_secrets::SettingsError;
use idscore_store::{Attempt, History, HistoryError, Raise, now};
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use crate::backoff::Backoff;
use crate::config::{Rule, Settings};
use crate::error::SendError;
use crate::message::Message;
use crate::sender::{Reached, Sender};

/// How long a channel may take.
pub const PATIENCE: Duration = Duration::from_secs(15);
/// How often news are looked for; asking costs two reads of an index.
const LOOK: Duration = Duration::from_secs(15);
/// How often time alone can be news, in microseconds.
const HOUR: i64 = 3_600_000_000;
/// How old a failed import may be when somebody begins to watch, in microseconds.
const NEWS: i64 = 48 * HOUR;
/// How long a delivery that was taken belongs to whoever took it, beyond the patience, in microseconds.
const LEASE: i64 = 60_000_000;

/// Rules and channels, ready to be used.
#[derive(Clone)]
pub struct Alerting {
    rules: Arc<Vec<Rule>>,
    senders: Vec<Arc<Sender>>,
    backoff: Backoff,
    patience: Duration,
}

impl Alerting {
    /// Reads the secrets of all channels; `variable` is the environment.
    ///
    /// # Errors
    /// When a secret can't be used.
    pub fn open(
        settings: &Settings,
        variable: &dyn Fn(&str) -> Option<String>,
        backoff: Backoff,
        patience: Duration,
    ) -> Result<Self, SettingsError> {
        Self::open_some(settings, &|_| true, variable, backoff, patience)
    }

    /// As [`Alerting::open`] with the channels of which the name is wanted; nothing is asked of the secrets of the others.
    ///
    /// # Errors
    /// When a secret can't be used.
    pub fn open_some(
        settings: &Settings,
        wanted: &dyn Fn(&str) -> bool,
        variable: &dyn Fn(&str) -> Option<String>,
        backoff: Backoff,
        patience: Duration,
    ) -> Result<Self, SettingsError> {
        let channels = settings.channels.iter().filter(|channel| wanted(&channel.name));
        let open = |channel| Sender::open(channel, variable, patience).map(Arc::new);
        let senders = channels.map(open).collect::<Result<_, _>>()?;
        Ok(Self { rules: Arc::new(settings.rules.clone()), senders, backoff, patience })
    }

    /// Looks at what is new since the last time and puts what the rules want to be told into the outbox; says how many
    /// deliveries are new. Doing it twice adds nothing.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn raise(&self, history: &History, at: i64) -> Result<usize, HistoryError> {
        let mut added = 0;
        for tenant in history.tenants().await? {
            let (pairs, last) = history.unwatched(&tenant.id).await?;
            let actions = history.actions(&tenant.id).await?;
            let newest = if actions.is_empty() { None } else { history.newest(&tenant.id).await? };
            let mut events = Vec::new();
            for rule in self.rules.iter().filter(|rule| rule.covers(&tenant.id)) {
                let moved = pairs.iter().flat_map(|(before, now)| of_assessment(&rule.watch, before.as_ref(), now));
                let planned = of_plan(&rule.watch, &actions, newest.as_ref(), &tenant.id, at);
                events.extend(moved.chain(planned).map(|event| (event, rule.channels.clone())));
            }
            if !events.is_empty() || !pairs.is_empty() {
                let watched = (!pairs.is_empty()).then(|| (tenant.id.clone(), last));
                added += history.raise(&Raise { events, watched, failures: None }, at).await?;
            }
        }
        let (failures, last) = history.import_failures().await?;
        if !failures.is_empty() {
            let rules = self.rules.iter().filter(|rule| rule.watch == Watch::ImportFailed);
            let of_rule = |rule: &Rule| -> Vec<_> {
                let new = failures.iter().filter(|failure| failure.at > at - NEWS);
                let covered = new.filter(|failure| rule.covers(&failure.tenant_id));
                covered.map(|failure| (failure.event(), rule.channels.clone())).collect()
            };
            let events = rules.flat_map(of_rule).collect();
            added += history.raise(&Raise { events, watched: None, failures: Some(last) }, at).await?;
        }
        Ok(added)
    }

    /// Sends what is due, all channels side by side; says how many arrived.
    ///
    /// # Errors
    /// When the database refuses. A message that does not arrive is none: it is tried again.
    pub async fn send_due(&self, history: &History, at: i64) -> Result<usize, HistoryError> {
        let mut channels = JoinSet::new();
        for sender in &self.senders {
            let (this, sender, history) = (self.clone(), Arc::clone(sender), history.clone());
            channels.spawn(async move { this.send_to(&sender, &history, at).await });
        }
        let mut arrived = 0;
        while let Some(channel) = channels.join_next().await {
            match channel {
                Ok(sent) => arrived += sent?,
                // Its delivery is tried again once the lease is over.
                Err(error) => tracing::error!(%error, "a channel of alerts panicked"),
            }
        }
        Ok(arrived)
    }

    async fn send_to(&self, sender: &Sender, history: &History, at: i64) -> Result<usize, HistoryError> {
        let lease = at + micros(self.patience) + LEASE;
        let mut arrived = 0;
        while let Some(taken) = history.take_delivery(sender.name(), at, lease).await? {
            if taken.attempts > self.backoff.attempts {
                let error = format!("given up after {} attempts that ended with the program", self.backoff.attempts);
                history.settle_delivery(&taken, &Attempt::GaveUp { error }, at).await?;
                continue;
            }
            let known = history.tenant(&taken.event.tenant_id).await.ok();
            let name = known.map(|tenant| tenant.display_name).filter(|name| !name.is_empty());
            let name = name.unwrap_or_else(|| taken.event.tenant_id.clone());
            let attempt = match sender.send(&Message::of(&taken, &name)).await {
                Ok(()) => Attempt::Arrived,
                Err(error) => self.after(&error, taken.attempts, at),
            };
            history.settle_delivery(&taken, &attempt, at).await?;
            match &attempt {
                Attempt::Arrived => arrived += 1,
                // What is wrong with one is wrong with the next: the rest waits for another round.
                Attempt::Again { error, .. } | Attempt::GaveUp { error } => {
                    tracing::warn!(channel = sender.name(), %error, attempt = taken.attempts, "an alert did not arrive");
                    break;
                }
            }
        }
        Ok(arrived)
    }

    fn after(&self, error: &SendError, attempt: u32, at: i64) -> Attempt {
        let error = error.to_string();
        if attempt >= self.backoff.attempts {
            return Attempt::GaveUp { error };
        }
        let mut random = [0; 4];
        // Without chance the wait is the longest one, which is safe too.
        let random = if getrandom::fill(&mut random).is_ok() { u32::from_le_bytes(random) } else { u32::MAX };
        Attempt::Again { error, next_at: at + micros(self.backoff.wait(attempt, random)).max(1) }
    }

    /// The channels, as people may know them.
    #[must_use]
    pub fn channels(&self) -> Vec<Reached> {
        self.senders.iter().map(|sender| sender.reached()).collect()
    }

    /// What is told on which channels.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Sends a message that says that it is a test to one channel or to all; says for each whether it arrived.
    pub async fn test(&self, channel: Option<&str>, at: i64) -> Vec<(String, Result<(), SendError>)> {
        let mut results = Vec::new();
        for sender in self.senders.iter().filter(|sender| channel.is_none_or(|name| name == sender.name())) {
            let message = Message::test(&format!("test-{}-{at}", sender.name()), sender.name(), at);
            results.push((sender.name().to_owned(), sender.send(&message).await));
        }
        results
    }

    /// Watches and tells without end: soon after something was kept or decided, and once an hour, because time passes too.
    pub async fn run(self, history: History) {
        let mut ticks = tokio::time::interval(LOOK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut seen, mut looked) = (None, i64::MIN);
        loop {
            ticks.tick().await;
            let at = now();
            if let Err(error) = self.round(&history, at, &mut seen, &mut looked).await {
                tracing::error!(error = &error as &dyn std::error::Error, "alerts could not be looked after");
            }
        }
    }

    async fn round(
        &self,
        history: &History,
        at: i64,
        seen: &mut Option<(i64, i64)>,
        looked: &mut i64,
    ) -> Result<(), HistoryError> {
        let news = history.news().await?;
        if *seen != Some(news) || at.saturating_sub(*looked) >= HOUR {
            self.raise(history, at).await?;
            (*seen, *looked) = (Some(news), at);
        }
        self.send_due(history, at).await.map(|_| ())
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX / 4)
}
