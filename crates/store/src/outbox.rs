//! The outbox: what was raised, to whom it is told, and how often that was tried.
//!
//! An event is written before it is sent. Taking a delivery counts the attempt and puts the next one off in the same write,
//! so that whoever is killed in between leaves it to be tried again: at least once, under the same id.

use std::collections::BTreeSet;

use idscore_history::events::{Event, ImportFailure};
use idscore_history::instants::NONE;
use idscore_history::{KeptAssessment, word};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use crate::assessments::assessment;
use crate::audit::{Actor, append};
use crate::database::History;
use crate::database::columns::{of_text, of_word};
use crate::database::writer::Write;
use crate::error::{HistoryError, doing};

/// The most bytes of a reason that are kept.
const REASON: usize = 1_000;

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DeliveryState {
    /// Not told yet.
    Waiting,
    /// It arrived.
    Told,
    /// Tried too often.
    GivenUp,
}

/// An event on its way to a channel.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// The event's id; receivers know by it what they have already.
    pub id: String,
    /// The channel's name.
    pub channel: String,
    /// What is told.
    pub event: Event,
    /// Where it stands.
    pub state: DeliveryState,
    /// Attempts, this one included.
    pub attempts: u32,
    /// The next attempt, in microseconds.
    pub next_at: i64,
    /// When it arrived or was given up, in microseconds.
    pub done_at: Option<i64>,
    /// What went wrong last; empty where nothing did.
    pub last_error: String,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempt {
    /// It arrived.
    Arrived,
    /// It did not; the next attempt is due at this instant, in microseconds.
    Again {
        /// What went wrong.
        error: String,
        /// When.
        next_at: i64,
    },
    /// It did not, too often.
    GaveUp {
        /// What went wrong.
        error: String,
    },
}

/// Events and the channels that each goes to, with how far was looked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Raise {
    /// What to tell on which channels.
    pub events: Vec<(Event, Vec<String>)>,
    /// The tenant and the last assessment of it that these events cover.
    pub watched: Option<(String, i64)>,
    /// The last import failure that they cover.
    pub failures: Option<i64>,
}

impl History {
    /// Notes in the audit log that somebody sent a test message to a channel; `failed` says why it did not arrive.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn note_alert_test(
        &self,
        actor: &Actor,
        channel: &str,
        failed: Option<&str>,
    ) -> Result<(), HistoryError> {
        self.write("note a test of a channel", (actor, channel, failed), |write, &(actor, channel, failed)| {
            Box::pin(async move {
                let detail = json!({"arrived": failed.is_none(), "error": failed.map(cut)});
                append(write, actor, "", "alert.test", channel, &detail).await
            })
        })
        .await
    }

    /// Numbers that grow whenever there is something new to look at.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn news(&self) -> Result<(i64, i64), HistoryError> {
        let failed = doing("look for news");
        // From the newest backwards: this is asked often, and the log is long.
        let newest = |sql| sqlx::query_scalar::<_, i64>(sql).fetch_optional(self.pool());
        let audit = "SELECT sequence FROM audit WHERE action NOT LIKE 'alert.%' ORDER BY sequence DESC LIMIT 1";
        let audit = newest(audit).await.map_err(&failed)?;
        let failures = "SELECT sequence FROM import_failure ORDER BY sequence DESC LIMIT 1";
        let failures = newest(failures).await.map_err(&failed)?;
        Ok((audit.unwrap_or(0), failures.unwrap_or(0)))
    }

    /// Assessments that nobody has looked at for alerts, oldest first, each with the one that was the newest before it; and
    /// the number to give back as watched. An older snapshot that was kept late is passed over. A tenant that was never
    /// looked at gives its newest assessment alone: a year of history is no news.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn unwatched(
        &self,
        tenant_id: &str,
    ) -> Result<(Vec<(Option<KeptAssessment>, KeptAssessment)>, i64), HistoryError> {
        let failed = doing("look for news");
        let watched: Option<i64> = sqlx::query_scalar("SELECT sequence FROM alert_watched WHERE tenant_id = $1")
            .bind(tenant_id)
            .fetch_optional(self.pool())
            .await
            .map_err(&failed)?;
        let Some(watched) = watched else {
            let Some(newest) = self.newest(tenant_id).await? else { return Ok((Vec::new(), 0)) };
            let sql = "SELECT MAX(sequence) FROM assessment WHERE tenant_id = $1";
            let last: i64 = sqlx::query_scalar(sql).bind(tenant_id).fetch_one(self.pool()).await.map_err(&failed)?;
            return Ok((vec![(None, newest)], last));
        };
        let rows = sqlx::query(
            "SELECT * FROM assessment WHERE tenant_id = $1 AND sequence > $2 AND cause <> 'microsoft' ORDER BY sequence",
        )
        .bind(tenant_id)
        .bind(watched)
        .fetch_all(self.pool())
        .await
        .map_err(&failed)?;
        let mut last = watched;
        let mut before = sqlx::query(
            "SELECT * FROM assessment WHERE tenant_id = $1 AND sequence <= $2 AND cause <> 'microsoft'
             ORDER BY assessed_at DESC, sequence DESC LIMIT 1",
        )
        .bind(tenant_id)
        .bind(watched)
        .fetch_optional(self.pool())
        .await
        .map_err(&failed)?
        .as_ref()
        .map(assessment)
        .transpose()?;
        let mut pairs = Vec::new();
        for row in &rows {
            let now = assessment(row)?;
            last = now.sequence;
            if before.as_ref().is_none_or(|before| before.assessed_at <= now.assessed_at) {
                pairs.push((before.replace(now.clone()), now));
            }
        }
        Ok((pairs, last))
    }

    /// Notes that an export could not be read, judged or kept, so that whoever watches is told.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn note_import_failure(&self, failure: &ImportFailure) -> Result<(), HistoryError> {
        self.write("note a failed import", failure, |write, &failure| {
            Box::pin(async move {
                let failed = write.failed();
                sqlx::query(
                    "INSERT INTO import_failure (sequence, tenant_id, input, reason, at, raised)
             VALUES ((SELECT COALESCE(MAX(sequence), 0) + 1 FROM import_failure), $1, $2, $3, $4, 0)",
                )
                .bind(&failure.tenant_id)
                .bind(cut(&failure.input))
                .bind(cut(&failure.reason))
                .bind(failure.at)
                .execute(&mut **write)
                .await
                .map_err(&failed)?;
                Ok(())
            })
        })
        .await
    }

    /// Failed imports that nobody has looked at, oldest first, and the number to give back as covered.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn import_failures(&self) -> Result<(Vec<ImportFailure>, i64), HistoryError> {
        let failed = doing("look for news");
        let rows = sqlx::query("SELECT * FROM import_failure WHERE raised = 0 ORDER BY sequence")
            .fetch_all(self.pool())
            .await
            .map_err(&failed)?;
        let failure = |row: &AnyRow| {
            Ok(ImportFailure {
                tenant_id: row.try_get("tenant_id")?,
                input: row.try_get("input")?,
                reason: row.try_get("reason")?,
                at: row.try_get("at")?,
            })
        };
        let last = rows.last().map(|row| row.try_get("sequence")).transpose().map_err(&failed)?;
        let failures = rows.iter().map(failure).collect::<Result<_, sqlx::Error>>().map_err(&failed)?;
        Ok((failures, last.unwrap_or(0)))
    }

    /// Writes events and whom to tell, together with how far was looked: all or nothing. What was raised before under the
    /// same key is not raised again, and goes to channels only that it did not go to. Says how many deliveries are new.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn raise(&self, raise: &Raise, at: i64) -> Result<usize, HistoryError> {
        self.write("raise an alert", (raise, at), |write, &(raise, at)| {
            Box::pin(async move {
                let failed = write.failed();
                let mut added = 0;
                for (event, channels) in &raise.events {
                    let id = raise_event(write, event, at).await?;
                    for channel in channels.iter().collect::<BTreeSet<_>>() {
                        let done = sqlx::query(
                        "INSERT INTO alert_delivery (event_id, channel, state, attempts, next_at, done_at, last_error)
                     VALUES ($1, $2, 'waiting', 0, $3, $4, '') ON CONFLICT (event_id, channel) DO NOTHING",
                    )
                    .bind(&id)
                    .bind(channel)
                    .bind(at)
                    .bind(NONE)
                    .execute(&mut **write)
                    .await
                    .map_err(&failed)?;
                        added += usize::from(done.rows_affected() > 0);
                    }
                }
                if let Some((tenant_id, sequence)) = &raise.watched {
                    sqlx::query(
                        "INSERT INTO alert_watched (tenant_id, sequence) VALUES ($1, $2)
                 ON CONFLICT (tenant_id) DO UPDATE SET sequence = excluded.sequence",
                    )
                    .bind(tenant_id)
                    .bind(sequence)
                    .execute(&mut **write)
                    .await
                    .map_err(&failed)?;
                }
                if let Some(sequence) = raise.failures {
                    sqlx::query("UPDATE import_failure SET raised = 1 WHERE raised = 0 AND sequence <= $1")
                        .bind(sequence)
                        .execute(&mut **write)
                        .await
                        .map_err(&failed)?;
                }
                Ok(added)
            })
        })
        .await
    }

    /// Takes one delivery to a channel that is due, counts the attempt and puts the next one off until `next_at`: nobody
    /// else takes it before, and it is taken again when this process ends before [`History::settle_delivery`].
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn take_delivery(&self, channel: &str, at: i64, next_at: i64) -> Result<Option<Delivery>, HistoryError> {
        // Looking costs no turn as writer.
        if due(&mut *self.read().await?, channel, at).await?.is_none() {
            return Ok(None);
        }
        self.write("take an alert", (channel, at, next_at), |write, &(channel, at, next_at)| {
            Box::pin(async move {
                let Some(mut taken) = due(write, channel, at).await? else { return Ok(None) };
                taken.attempts += 1;
                taken.next_at = next_at;
                sqlx::query(
                    "UPDATE alert_delivery SET attempts = $3, next_at = $4 WHERE event_id = $1 AND channel = $2",
                )
                .bind(&taken.id)
                .bind(channel)
                .bind(i64::from(taken.attempts))
                .bind(next_at)
                .execute(&mut **write)
                .await
                .map_err(write.failed())?;
                Ok(Some(taken))
            })
        })
        .await
    }

    /// Writes down how the attempt of a taken delivery ended.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn settle_delivery(&self, taken: &Delivery, attempt: &Attempt, at: i64) -> Result<(), HistoryError> {
        self.write("note an alert", (taken, attempt, at), |write, &(taken, attempt, at)| {
            Box::pin(async move {
                let (state, next_at, done_at, error) = match attempt {
                    Attempt::Arrived => (DeliveryState::Told, NONE, at, ""),
                    Attempt::Again { error, next_at } => (DeliveryState::Waiting, *next_at, NONE, error.as_str()),
                    Attempt::GaveUp { error } => (DeliveryState::GivenUp, NONE, at, error.as_str()),
                };
                sqlx::query(
                    "UPDATE alert_delivery SET state = $3, next_at = $4, done_at = $5, last_error = $6
             WHERE event_id = $1 AND channel = $2",
                )
                .bind(&taken.id)
                .bind(&taken.channel)
                .bind(word(&state))
                .bind(next_at)
                .bind(done_at)
                .bind(cut(error))
                .execute(&mut **write)
                .await
                .map_err(write.failed())?;
                let action = match state {
                    DeliveryState::Told => Some("alert.tell"),
                    DeliveryState::GivenUp => Some("alert.giveUp"),
                    DeliveryState::Waiting => None,
                };
                if let Some(action) = action {
                    let detail = json!({"channel": taken.channel, "attempts": taken.attempts, "error": cut(error)});
                    append(write, &Actor::system(), &taken.event.tenant_id, action, &taken.id, &detail).await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// What was told, waits or was given up, newest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn deliveries(&self, limit: i64) -> Result<Vec<Delivery>, HistoryError> {
        let sql = format!("{DELIVERIES} ORDER BY e.raised_at DESC, e.id DESC, d.channel LIMIT $1");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(limit).fetch_all(self.pool()).await;
        rows.map_err(doing("list the alerts"))?.iter().map(delivery).collect()
    }
}

const DELIVERIES: &str = "SELECT e.id, e.tenant_id, e.kind, e.subject, e.about, e.at, e.title, e.body, e.facts,
        d.channel, d.state, d.attempts, d.next_at, d.done_at, d.last_error
     FROM alert_delivery d JOIN alert_event e ON e.id = d.event_id";

/// The delivery to a channel that is due first.
async fn due(connection: &mut AnyConnection, channel: &str, at: i64) -> Result<Option<Delivery>, HistoryError> {
    let sql = format!(
        "{DELIVERIES} WHERE d.state = 'waiting' AND d.channel = $1 AND d.next_at <= $2
         ORDER BY d.next_at, e.raised_at, e.id LIMIT 1"
    );
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(channel).bind(at).fetch_optional(connection).await;
    row.map_err(doing("take an alert"))?.as_ref().map(delivery).transpose()
}

/// The id of an event, written where it is new.
async fn raise_event(write: &mut Write, event: &Event, at: i64) -> Result<String, HistoryError> {
    let failed = doing("raise an alert");
    let key = event.key();
    let known: Option<String> = sqlx::query_scalar("SELECT id FROM alert_event WHERE event_key = $1")
        .bind(&key)
        .fetch_optional(&mut **write)
        .await
        .map_err(&failed)?;
    if let Some(id) = known {
        return Ok(id);
    }
    let id = uuid::Uuid::now_v7().to_string();
    sqlx::query(
        "INSERT INTO alert_event (id, event_key, tenant_id, kind, subject, about, at, title, body, facts, raised_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(&id)
    .bind(key)
    .bind(&event.tenant_id)
    .bind(word(&event.kind))
    .bind(&event.subject)
    .bind(&event.about)
    .bind(event.at)
    .bind(&event.title)
    .bind(&event.text)
    .bind(event.facts.to_string())
    .bind(at)
    .execute(&mut **write)
    .await
    .map_err(&failed)?;
    let detail = json!({"kind": event.kind, "subject": event.subject, "about": event.about});
    append(write, &Actor::system(), &event.tenant_id, "alert.raise", &id, &detail).await?;
    Ok(id)
}

fn delivery(row: &AnyRow) -> Result<Delivery, HistoryError> {
    let failed = doing("list the alerts");
    let said = |column: &str| row.try_get::<String, _>(column).map_err(&failed);
    let number = |column: &str| row.try_get::<i64, _>(column).map_err(&failed);
    Ok(Delivery {
        id: said("id")?,
        channel: said("channel")?,
        event: Event {
            tenant_id: said("tenant_id")?,
            kind: of_word(said("kind")?, "kind of alert")?,
            subject: said("subject")?,
            about: said("about")?,
            at: number("at")?,
            title: said("title")?,
            text: said("body")?,
            facts: of_text(&said("facts")?, "alert")?,
        },
        state: of_word(said("state")?, "state of an alert")?,
        attempts: u32::try_from(number("attempts")?).unwrap_or(u32::MAX),
        next_at: number("next_at")?,
        done_at: Some(number("done_at")?).filter(|at| *at != NONE),
        last_error: said("last_error")?,
    })
}

/// A text that fits into its column's purpose; PostgreSQL takes no NUL.
fn cut(text: &str) -> String {
    text.chars().filter(|letter| *letter != '\0').take(REASON).collect()
}
