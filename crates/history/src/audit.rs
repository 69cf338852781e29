//! The audit log: who did what to which tenant, chained by hash, so that a change behind our back shows.

use std::collections::BTreeMap;

use serde::Serialize;
use sha2::{Digest, Sha256};
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use crate::error::{HistoryError, doing};
use crate::instants::now;
use crate::store::{History, next_sequence};

/// Entries read at a time.
const PAGE: i64 = 1_000;
/// What the first entry follows.
const BEGINNING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Who acts, as the log names them: a person, a token, or the program itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor(String);

impl Actor {
    /// Somebody by name.
    pub fn named(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The program, when time passes or data arrive.
    #[must_use]
    pub fn system() -> Self {
        Self("System".to_owned())
    }

    /// The name in the log.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }
}

/// One entry of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditEntry {
    /// Its number, from 1, without gaps.
    pub sequence: i64,
    /// When, in microseconds since 1970 UTC.
    pub at: i64,
    /// Who.
    pub actor: String,
    /// About which tenant; empty for the whole store.
    pub tenant_id: String,
    /// What: `assessment.keep`, `action.update`, `review.record`, `token.create`, ….
    pub action: String,
    /// To what: an assessment, a control, a token.
    pub subject: String,
    /// What was said, as JSON; empty where the tenant was deleted since.
    pub detail: String,
    /// SHA-256 over the entry and the hash before it.
    pub hash: String,
}

/// What verifying found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Verified {
    /// Entries that fit.
    pub entries: i64,
    /// Of these, entries that were emptied when their tenant was deleted: what they said can't be verified any more.
    pub emptied: i64,
    /// The hash of the last: keep it elsewhere, and a log that was cut short or rewritten shows too.
    pub head: String,
}

fn hash(entry: &AuditEntry, previous: &str) -> String {
    let fields = (
        entry.sequence,
        entry.at,
        &entry.actor,
        &entry.tenant_id,
        &entry.action,
        &entry.subject,
        &entry.detail,
        previous,
    );
    // A tuple of numbers and texts always has a JSON form.
    let text = serde_json::to_string(&fields).unwrap_or_default();
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Adds an entry within a write.
pub(crate) async fn append(
    transaction: &mut Transaction<'static, Any>,
    actor: &Actor,
    tenant_id: &str,
    action: &str,
    subject: &str,
    detail: &serde_json::Value,
) -> Result<(), HistoryError> {
    let failed = doing("write the audit log");
    let sequence = next_sequence(transaction, "SELECT MAX(sequence) FROM audit").await?;
    let previous: Option<String> = sqlx::query_scalar("SELECT hash FROM audit WHERE sequence = $1")
        .bind(sequence - 1)
        .fetch_optional(&mut **transaction)
        .await
        .map_err(&failed)?;
    let previous = previous.unwrap_or_else(|| BEGINNING.to_owned());
    let mut entry = AuditEntry {
        sequence,
        at: now(),
        actor: actor.name().to_owned(),
        tenant_id: tenant_id.to_owned(),
        action: action.to_owned(),
        subject: subject.to_owned(),
        detail: detail.to_string(),
        hash: String::new(),
    };
    entry.hash = hash(&entry, &previous);
    sqlx::query(
        "INSERT INTO audit (sequence, at, actor, tenant_id, action, subject, detail, previous_hash, hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(entry.sequence)
    .bind(entry.at)
    .bind(entry.actor)
    .bind(entry.tenant_id)
    .bind(entry.action)
    .bind(entry.subject)
    .bind(entry.detail)
    .bind(previous)
    .bind(entry.hash)
    .execute(&mut **transaction)
    .await
    .map_err(&failed)?;
    Ok(())
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
        let rows = sqlx::query(
            "SELECT sequence, at, actor, tenant_id, action, subject, detail, hash FROM audit
             WHERE sequence > $1 AND ($2 = '' OR tenant_id = $2) ORDER BY sequence LIMIT $3",
        )
        .bind(after)
        .bind(tenant_id.unwrap_or_default())
        .bind(limit)
        .fetch_all(self.pool())
        .await
        .map_err(&failed)?;
        rows.iter().map(entry).collect::<Result<_, sqlx::Error>>().map_err(&failed)
    }

    /// The tenants that were deleted, each with the number of the last entry that says so.
    async fn deletions(&self) -> Result<BTreeMap<String, i64>, HistoryError> {
        let failed = doing("read the audit log");
        let sql =
            "SELECT tenant_id, MAX(sequence) AS last FROM audit WHERE action = 'tenant.delete' GROUP BY tenant_id";
        let rows = sqlx::query(sql).fetch_all(self.pool()).await.map_err(&failed)?;
        let of = |row: &AnyRow| Ok((row.try_get("tenant_id")?, row.try_get("last")?));
        rows.iter().map(of).collect::<Result<_, sqlx::Error>>().map_err(failed)
    }

    /// Entries before a number, newest first, of all tenants.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn audit_before(&self, before: i64, limit: i64) -> Result<Vec<AuditEntry>, HistoryError> {
        let failed = doing("read the audit log");
        let rows = sqlx::query(
            "SELECT sequence, at, actor, tenant_id, action, subject, detail, hash FROM audit
             WHERE sequence < $1 ORDER BY sequence DESC LIMIT $2",
        )
        .bind(before)
        .bind(limit)
        .fetch_all(self.pool())
        .await
        .map_err(&failed)?;
        rows.iter().map(entry).collect::<Result<_, sqlx::Error>>().map_err(&failed)
    }

    /// The number of the entry with a hash; none where the log has no such entry.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn audit_sequence(&self, hash: &str) -> Result<Option<i64>, HistoryError> {
        let found = sqlx::query_scalar("SELECT MIN(sequence) FROM audit WHERE hash = $1").bind(hash);
        found.fetch_one(self.pool()).await.map_err(doing("read the audit log"))
    }

    /// Follows the chain from its beginning. An entry may be empty only where a later one says that its tenant was deleted.
    ///
    /// # Errors
    /// [`HistoryError::Audit`] at the first entry that was changed, removed or put in between.
    pub async fn verify_audit(&self) -> Result<Verified, HistoryError> {
        let deletions = self.deletions().await?;
        let mut verified = Verified { entries: 0, emptied: 0, head: BEGINNING.to_owned() };
        loop {
            let page = self.audit(None, verified.entries, PAGE).await?;
            for entry in &page {
                let broken = |reason| HistoryError::Audit { sequence: verified.entries + 1, reason };
                if entry.sequence != verified.entries + 1 {
                    return Err(broken("an entry is missing"));
                }
                let last = deletions.get(&entry.tenant_id);
                let emptied = entry.detail.is_empty() && last.is_some_and(|last| entry.sequence < *last);
                if !emptied && entry.hash != hash(entry, &verified.head) {
                    return Err(broken("its hash does not follow from the entry and the one before"));
                }
                verified = Verified {
                    entries: entry.sequence,
                    emptied: verified.emptied + i64::from(emptied),
                    head: entry.hash.clone(),
                };
            }
            if page.len() < usize::try_from(PAGE).unwrap_or(usize::MAX) {
                return Ok(verified);
            }
        }
    }
}

pub(crate) fn entry(row: &AnyRow) -> Result<AuditEntry, sqlx::Error> {
    Ok(AuditEntry {
        sequence: row.try_get("sequence")?,
        at: row.try_get("at")?,
        actor: row.try_get("actor")?,
        tenant_id: row.try_get("tenant_id")?,
        action: row.try_get("action")?,
        subject: row.try_get("subject")?,
        detail: row.try_get("detail")?,
        hash: row.try_get("hash")?,
    })
}
