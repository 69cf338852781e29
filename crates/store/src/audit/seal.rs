//! The seal over entries of the first format: written once, when a database of an older version is brought up to date.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{AnyConnection, AssertSqlSafe, Row};

use super::chain::Digested;
use super::{Actor, append_to, last_entry, rows};
use crate::database::Kind;
use crate::error::{HistoryError, doing};
use crate::sha256::sha256;

/// The action of the entry that seals all before it.
pub(crate) const SEAL: &str = "log.seal";
/// Entries read and marked at a time.
const PAGE: usize = 500;

/// What the entry says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Seal {
    /// How many entries are before it.
    pub(crate) entries: i64,
    /// SHA-256 over them, as [`Digested`] takes it.
    pub(crate) digest: String,
}

/// Whether entries wait for their seal: the newest is of the first format, and nothing was noted of it yet. A log that was cut
/// back behind its seal doesn't wait for another one.
pub(crate) async fn is_missing(connection: &mut AnyConnection) -> Result<bool, HistoryError> {
    let sql = "SELECT COUNT(*) FROM (SELECT format, detail_hash FROM audit ORDER BY sequence DESC LIMIT 1) AS newest
               WHERE format = 1 AND detail_hash = ''";
    let waiting = sqlx::query_scalar::<_, i64>(sql).fetch_one(connection).await;
    waiting.map(|waiting| waiting > 0).map_err(doing("look for the seal of the audit log"))
}

/// Notes the hash of what each entry says, and writes the entry that seals them, within a transaction.
pub(crate) async fn seal(connection: &mut AnyConnection, kind: Kind) -> Result<(), HistoryError> {
    let failed = doing("seal the audit log");
    let columns = rows::columns(kind);
    let sql = format!("SELECT {columns} FROM audit WHERE audit.sequence > $1 ORDER BY audit.sequence LIMIT {PAGE}");
    let (mut digested, mut entries, mut after) = (Digested::default(), 0_i64, 0_i64);
    loop {
        let page = sqlx::query(AssertSqlSafe(sql.as_str())).bind(after).fetch_all(&mut *connection).await;
        let page = page.map_err(&failed)?;
        let mut hashes = Vec::with_capacity(page.len());
        for row in &page {
            after = row.try_get::<i64, _>("sequence").map_err(&failed)?.max(after + 1);
            // What is damaged already is found there by whoever verifies; it must not keep the database from being opened.
            let Ok(mut entry) = rows::read(row).map_err(&failed)? else { continue };
            entry.detail_hash = sha256(entry.detail.as_bytes());
            digested.add(&entry);
            entries += 1;
            hashes.push(format!("({}, '{}')", entry.sequence, entry.detail_hash));
        }
        if !hashes.is_empty() {
            let sql = format!(
                "WITH noted (sequence, hash) AS (VALUES {}) UPDATE audit SET detail_hash = noted.hash FROM noted
                 WHERE noted.sequence = audit.sequence",
                hashes.join(", ")
            );
            sqlx::query(AssertSqlSafe(sql)).execute(&mut *connection).await.map_err(&failed)?;
        }
        if page.len() < PAGE {
            break;
        }
    }
    let detail = json!(Seal { entries, digest: digested.finish() });
    let last = last_entry(connection).await?;
    append_to(connection, last, &Actor::system(), "", SEAL, "", &detail).await.map(|_| ())
}
