//! The audit log: who did what to which tenant, chained by hash, so that a change behind our back shows.
//!
//! Decision 25 says what is in the hash of which format, and why.

mod actor;
mod chain;
mod emptied;
mod rows;
mod seal;
mod verify;

use serde::Serialize;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row};

use crate::clock::now;
use crate::database::History;
use crate::database::writer::Write;
use crate::error::{HistoryError, doing};
use crate::sha256::sha256;

use self::chain::{BEGINNING, SECOND, second_hash};

pub use self::actor::{Actor, ActorKind};
pub(crate) use self::emptied::{DELETE, Ranges};
pub(crate) use self::seal::{is_missing as seal_is_missing, seal};
pub use self::verify::{Emptying, Remark, Verified};

/// The columns that [`entry`] reads.
pub(crate) const COLUMNS: &str = "sequence, at, actor_kind, actor, actor_id, tenant_id, action, subject, detail, detail_hash, \
                                  previous_hash, hash, format";

/// One entry of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditEntry {
    /// Its number, from 1, without gaps.
    pub sequence: i64,
    /// When, in microseconds since 1970 UTC.
    pub at: i64,
    /// The kind of who.
    pub actor_kind: ActorKind,
    /// Who, by name.
    pub actor: String,
    /// What tells them from others of their kind.
    pub actor_id: String,
    /// About which tenant; empty for the whole store.
    pub tenant_id: String,
    /// What: `assessment.keep`, `action.update`, `review.record`, `token.create`, ….
    pub action: String,
    /// To what: an assessment, a control, a token.
    pub subject: String,
    /// What was said, as JSON; empty where the tenant was deleted since.
    pub detail: String,
    /// SHA-256 over what was said; it stays when that is emptied.
    pub detail_hash: String,
    /// The hash of the entry before.
    pub previous_hash: String,
    /// SHA-256 over the entry and the hash before it.
    pub hash: String,
    /// What the hash covers: 1 for entries of version 0.1, 2 for all since.
    pub format: i64,
}

/// How far the log goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Head {
    /// The number of the newest entry.
    pub sequence: i64,
    /// Its instant, in microseconds since 1970 UTC.
    pub at: i64,
    /// Its hash.
    pub hash: String,
}

/// Adds an entry within a write.
pub(crate) async fn append(
    write: &mut Write,
    actor: &Actor,
    tenant_id: &str,
    action: &str,
    subject: &str,
    detail: &serde_json::Value,
) -> Result<(), HistoryError> {
    let last = match write.last_entry.take() {
        Some(last) => last,
        None => last_entry(write).await?,
    };
    write.last_entry = Some(append_to(write, last, actor, tenant_id, action, subject, detail).await?);
    Ok(())
}

/// The number and the hash of the newest entry.
async fn last_entry(connection: &mut AnyConnection) -> Result<(i64, String), HistoryError> {
    let newest = sqlx::query_as("SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1");
    let newest = newest.fetch_optional(connection).await.map_err(doing("write the audit log"))?;
    Ok(newest.unwrap_or_else(|| (0, BEGINNING.to_owned())))
}

/// Adds an entry after the last one, within a transaction that no other writer takes part in; gives its number and hash.
async fn append_to(
    connection: &mut AnyConnection,
    (sequence, previous_hash): (i64, String),
    actor: &Actor,
    tenant_id: &str,
    action: &str,
    subject: &str,
    detail: &serde_json::Value,
) -> Result<(i64, String), HistoryError> {
    let failed = doing("write the audit log");
    let detail = detail.to_string();
    let mut entry = AuditEntry {
        sequence: sequence.saturating_add(1),
        at: now(),
        actor_kind: actor.kind(),
        actor: actor.name().to_owned(),
        actor_id: actor.id().to_owned(),
        tenant_id: tenant_id.to_owned(),
        action: action.to_owned(),
        subject: subject.to_owned(),
        detail_hash: sha256(detail.as_bytes()),
        detail,
        previous_hash,
        hash: String::new(),
        format: SECOND,
    };
    entry.hash = second_hash(&entry, &entry.previous_hash);
    let last = (entry.sequence, entry.hash.clone());
    let sql = format!("INSERT INTO audit ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)");
    sqlx::query(AssertSqlSafe(sql))
        .bind(entry.sequence)
        .bind(entry.at)
        .bind(entry.actor_kind.word())
        .bind(entry.actor)
        .bind(entry.actor_id)
        .bind(entry.tenant_id)
        .bind(entry.action)
        .bind(entry.subject)
        .bind(entry.detail)
        .bind(entry.detail_hash)
        .bind(entry.previous_hash)
        .bind(entry.hash)
        .bind(entry.format)
        .execute(connection)
        .await
        .map_err(&failed)?;
    Ok(last)
}

impl History {
    /// Entries after a number, oldest first; of one tenant, or of all.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn audit(
        &self,
        tenant_id: Option<&str>,
        after: i64,
        limit: i64,
    ) -> Result<Vec<AuditEntry>, HistoryError> {
        let failed = doing("read the audit log");
        let sql = format!(
            "SELECT {COLUMNS} FROM audit WHERE sequence > $1 AND ($2 = '' OR tenant_id = $2) ORDER BY sequence LIMIT $3"
        );
        let rows = sqlx::query(AssertSqlSafe(sql)).bind(after).bind(tenant_id.unwrap_or_default()).bind(limit);
        let rows = rows.fetch_all(self.pool()).await.map_err(&failed)?;
        rows.iter().map(entry).collect::<Result<_, sqlx::Error>>().map_err(&failed)
    }

    /// Entries before a number, newest first, of all tenants.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn audit_before(&self, before: i64, limit: i64) -> Result<Vec<AuditEntry>, HistoryError> {
        let failed = doing("read the audit log");
        let sql = format!("SELECT {COLUMNS} FROM audit WHERE sequence < $1 ORDER BY sequence DESC LIMIT $2");
        let rows = sqlx::query(AssertSqlSafe(sql)).bind(before).bind(limit).fetch_all(self.pool()).await;
        rows.map_err(&failed)?.iter().map(entry).collect::<Result<_, sqlx::Error>>().map_err(&failed)
    }

    /// The number of the entry with a hash; none where the log has no such entry.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn audit_sequence(&self, hash: &str) -> Result<Option<i64>, HistoryError> {
        let found = sqlx::query_scalar("SELECT MIN(sequence) FROM audit WHERE hash = $1").bind(hash);
        found.fetch_one(self.pool()).await.map_err(doing("read the audit log"))
    }

    /// The hash of an entry; none where the log has no such entry.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn audit_hash(&self, sequence: i64) -> Result<Option<String>, HistoryError> {
        let found = sqlx::query_scalar("SELECT hash FROM audit WHERE sequence = $1").bind(sequence);
        found.fetch_optional(self.pool()).await.map_err(doing("read the audit log"))
    }

    /// How far the log goes; none while it is empty.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn audit_head(&self) -> Result<Option<Head>, HistoryError> {
        let newest = self.audit_before(i64::MAX, 1).await?.pop();
        Ok(newest.map(|entry| Head { sequence: entry.sequence, at: entry.at, hash: entry.hash }))
    }
}

pub(crate) fn entry(row: &AnyRow) -> Result<AuditEntry, sqlx::Error> {
    let kind: String = row.try_get("actor_kind")?;
    Ok(AuditEntry {
        sequence: row.try_get("sequence")?,
        at: row.try_get("at")?,
        actor_kind: ActorKind::of_word(&kind).unwrap_or(ActorKind::Unknown),
        actor: row.try_get("actor")?,
        actor_id: row.try_get("actor_id")?,
        tenant_id: row.try_get("tenant_id")?,
        action: row.try_get("action")?,
        subject: row.try_get("subject")?,
        detail: row.try_get("detail")?,
        detail_hash: row.try_get("detail_hash")?,
        previous_hash: row.try_get("previous_hash")?,
        hash: row.try_get("hash")?,
        format: row.try_get("format")?,
    })
}
