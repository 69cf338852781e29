//! Follows the chain from its beginning to its end.

use std::collections::BTreeMap;

use serde::Serialize;
use sqlx::{AnyConnection, AssertSqlSafe, Row};

use super::chain::{BEGINNING, Digested, FIRST, SECOND, first_hash, second_hash};
use super::emptied::{DELETE, Emptied};
use super::seal::{SEAL, Seal};
use super::{AuditEntry, rows};
use crate::database::{History, Kind};
use crate::error::{HistoryError, doing};
use crate::sha256::sha256;

/// Entries read at a time.
const PAGE: i64 = 500;
/// Remarks that are listed; the others are counted.
const LISTED: usize = 100;

/// What verifying found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Verified {
    /// Entries that fit.
    pub entries: i64,
    /// Of these, entries that were emptied when their tenant was deleted: who did what when is proven, what was said is gone.
    pub emptied: i64,
    /// Entries of the format of version 0.1; the entry after them seals them.
    pub sealed: i64,
    /// The hash of the last: keep it elsewhere, and a log that was cut short or rewritten shows too.
    pub head: String,
    /// What is odd and breaks nothing, as far as it is listed.
    pub remarks: Vec<Remark>,
    /// Remarks that are not listed.
    pub more_remarks: u64,
    /// Deletions of tenants that emptied entries, oldest first.
    pub deletions: Vec<Emptying>,
}

/// Something odd that breaks nothing: the clock was set back before an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Remark {
    /// The entry.
    pub sequence: i64,
    /// Its instant, in microseconds since 1970 UTC.
    pub at: i64,
    /// The instant of the entry before it, which is later.
    pub before: i64,
}

/// An entry that emptied others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Emptying {
    /// The entry.
    pub sequence: i64,
    /// How many it emptied, all of them before it.
    pub entries: i64,
}

impl History {
    /// Follows the chain from its beginning, page by page. An entry may be empty only where a later one names it as emptied.
    ///
    /// # Errors
    /// [`HistoryError::Audit`] at the first entry that was changed, removed or put in between; [`HistoryError::Damaged`] where
    /// the pages of the database that hold the log contradict each other.
    pub async fn verify_audit(&self) -> Result<Verified, HistoryError> {
        let failed = doing("read the audit log");
        // One state of the database, whatever is written meanwhile.
        let begin = match self.kind() {
            Kind::Sqlite => "BEGIN",
            Kind::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
        };
        let mut state = self.pool().begin_with(begin).await.map_err(&failed)?;
        let verified = verify(&mut state, self.kind()).await;
        // Nothing was written, so that nothing is lost where the connection can't.
        let _ = state.rollback().await;
        verified
    }
}

async fn verify(state: &mut AnyConnection, kind: Kind) -> Result<Verified, HistoryError> {
    let failed = doing("read the audit log");
    let mut chain = Chain::new(Emptied::read(state, kind).await?);
    let columns = rows::columns(kind);
    let sql = format!("SELECT {columns} FROM audit WHERE audit.sequence >= $1 ORDER BY audit.sequence LIMIT {PAGE}");
    // Numbers begin at 1; whatever lies before was put there.
    let mut from = i64::MIN;
    loop {
        let page = sqlx::query(AssertSqlSafe(sql.as_str())).bind(from).fetch_all(&mut *state).await.map_err(&failed)?;
        for row in &page {
            match rows::read(row).map_err(&failed)? {
                Ok(entry) => chain.follow(entry)?,
                Err(reason) => return Err(chain.broken(reason)),
            }
        }
        from = chain.verified.entries.saturating_add(1);
        if page.len() < usize::try_from(PAGE).unwrap_or(usize::MAX) {
            break;
        }
    }
    let verified = chain.end(state).await?;
    if kind == Kind::Sqlite {
        sound(state).await?;
    }
    Ok(verified)
}

/// Whether what lies in the file of SQLite agrees with itself: an index that says other than its table shows other entries to other questions.
async fn sound(state: &mut AnyConnection) -> Result<(), HistoryError> {
    let said = sqlx::query("PRAGMA integrity_check(audit)").fetch_all(state).await;
    let said = said.map_err(doing("check the pages of the audit log"))?;
    let said: Vec<String> = said.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>().map_err(doing("check"))?;
    if said == ["ok"] {
        return Ok(());
    }
    Err(HistoryError::Damaged { what: "audit log", source: said.join("; ").into() })
}

/// The chain as far as it was followed.
struct Chain {
    verified: Verified,
    emptied: Emptied,
    /// Over the entries of the first format, until their seal comes.
    unsealed: Option<Digested>,
    /// The instant of the last entry.
    at: Option<i64>,
    /// Tenants that were deleted and not registered since, with the entry that says so.
    gone: BTreeMap<String, i64>,
}

impl Chain {
    fn new(emptied: Emptied) -> Self {
        let verified = Verified {
            entries: 0,
            emptied: 0,
            sealed: 0,
            head: BEGINNING.to_owned(),
            remarks: Vec::new(),
            more_remarks: 0,
            deletions: Vec::new(),
        };
        Self { verified, emptied, unsealed: None, at: None, gone: BTreeMap::new() }
    }

    fn broken(&self, reason: impl Into<String>) -> HistoryError {
        HistoryError::Audit { sequence: self.verified.entries.saturating_add(1), reason: reason.into() }
    }

    /// Takes the next entry.
    fn follow(&mut self, entry: AuditEntry) -> Result<(), HistoryError> {
        if entry.sequence != self.verified.entries.saturating_add(1) {
            return Err(self.broken("an entry is missing, or one was put in between"));
        }
        if entry.previous_hash != self.verified.head {
            return Err(self.broken("it does not follow the entry before"));
        }
        let is_empty = self.is_empty(&entry)?;
        match entry.format {
            FIRST => self.of_first_format(&entry, is_empty)?,
            SECOND => self.of_second_format(&entry)?,
            _ => return Err(self.broken("its format is none that this program writes")),
        }
        self.note(&entry, is_empty);
        self.verified.head = entry.hash;
        Ok(())
    }

    /// Whether an entry was emptied, as a deletion says.
    fn is_empty(&self, entry: &AuditEntry) -> Result<bool, HistoryError> {
        let named = self.emptied.by(entry.sequence);
        if !entry.detail.is_empty() {
            return match named {
                Some(by) => Err(self.broken(format!("it says something, though entry {by} emptied it"))),
                None if entry.detail_hash != sha256(entry.detail.as_bytes()) => {
                    Err(self.broken("what it says is not what was said"))
                }
                None => Ok(false),
            };
        }
        let is_lawful = match named {
            Some(_) => {
                ![DELETE, SEAL].contains(&&*entry.action) && self.emptied.names(entry.sequence, &entry.tenant_id)
            }
            // Emptied before the seal, which says so: the hash that it noted is that of nothing.
            None => {
                entry.format == FIRST
                    && entry.detail_hash == sha256(b"")
                    && self.emptied.before_the_seal(entry.sequence, &entry.tenant_id)
            }
        };
        if is_lawful { Ok(true) } else { Err(self.broken("it is empty, and no later deletion of its tenant names it")) }
    }

    fn of_first_format(&mut self, entry: &AuditEntry, is_empty: bool) -> Result<(), HistoryError> {
        if self.unsealed.is_none() && self.verified.entries > 0 {
            return Err(self.broken("it has the format of an older version, after the seal"));
        }
        if !is_empty && entry.hash != first_hash(entry, &self.verified.head) {
            return Err(self.broken("its hash does not follow from the entry and the one before"));
        }
        self.unsealed.get_or_insert_default().add(entry);
        self.verified.sealed = entry.sequence;
        Ok(())
    }

    fn of_second_format(&mut self, entry: &AuditEntry) -> Result<(), HistoryError> {
        if entry.hash != second_hash(entry, &self.verified.head) {
            return Err(self.broken("its hash does not follow from the entry and the one before"));
        }
        let Some(unsealed) = self.unsealed.take() else { return Ok(()) };
        let seal = Seal { entries: self.verified.entries, digest: unsealed.finish() };
        let said = serde_json::from_str::<Seal>(&entry.detail).ok();
        if entry.action != SEAL || said.as_ref() != Some(&seal) {
            return Err(self.broken("it does not seal the entries before it: one of them was changed"));
        }
        Ok(())
    }

    /// What people want to know of an entry that fits.
    fn note(&mut self, entry: &AuditEntry, is_empty: bool) {
        let verified = &mut self.verified;
        verified.entries = entry.sequence;
        verified.emptied += i64::from(is_empty);
        if let Some(before) = self.at.replace(entry.at).filter(|before| entry.at < *before) {
            if verified.remarks.len() < LISTED {
                verified.remarks.push(Remark { sequence: entry.sequence, at: entry.at, before });
            } else {
                verified.more_remarks += 1;
            }
        }
        match entry.action.as_str() {
            DELETE if entry.format == SECOND => {
                self.gone.insert(entry.tenant_id.clone(), entry.sequence);
                let entries = self.emptied.count(entry.sequence).unwrap_or(0);
                if entries > 0 {
                    verified.deletions.push(Emptying { sequence: entry.sequence, entries });
                }
            }
            "tenant.register" => {
                self.gone.remove(&entry.tenant_id);
            }
            _ => {}
        }
    }

    /// After the last entry.
    async fn end(self, state: &mut AnyConnection) -> Result<Verified, HistoryError> {
        if self.unsealed.is_some() {
            return Err(self.broken("the seal over the entries of an older version is missing"));
        }
        let failed = doing("read the audit log");
        for (tenant, sequence) in &self.gone {
            let known =
                sqlx::query("SELECT 1 FROM tenant WHERE id = $1").bind(tenant).fetch_optional(&mut *state).await;
            if known.map_err(&failed)?.is_some() {
                let reason = "it says that its tenant was deleted, which is still there".to_owned();
                return Err(HistoryError::Audit { sequence: *sequence, reason });
            }
        }
        Ok(self.verified)
    }
}
