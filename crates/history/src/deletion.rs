//! A tenant that goes: its rows, snapshots and evidence, and what the audit log tells of it.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::json;
use sqlx::{Any, Row, Transaction};

use crate::archive::{Archive, CONFIGURATIONS, EXPORTS, safe};
use crate::audit::{Actor, append};
use crate::cohorts::{self, cohorts_of};
use crate::error::{HistoryError, doing};
use crate::store::{History, Kind};

/// What is said of a tenant in each table, in an order in which nothing refers to what is gone.
const STATEMENTS: [(&str, &str); 15] = [
    ("collection_run", "DELETE FROM collection_run WHERE tenant_id = $1"),
    ("collection_connection", "DELETE FROM collection_connection WHERE tenant_id = $1"),
    (
        "alert_delivery",
        "DELETE FROM alert_delivery WHERE event_id IN (SELECT id FROM alert_event WHERE tenant_id = $1)",
    ),
    ("alert_event", "DELETE FROM alert_event WHERE tenant_id = $1"),
    ("alert_watched", "DELETE FROM alert_watched WHERE tenant_id = $1"),
    ("import_failure", "DELETE FROM import_failure WHERE tenant_id = $1"),
    ("token", "DELETE FROM token WHERE tenant_id = $1"),
    ("tenant_day", "DELETE FROM tenant_day WHERE tenant_id = $1"),
    ("peer_average", "DELETE FROM peer_average WHERE tenant_id = $1"),
    ("recommendation_update", "DELETE FROM recommendation_update WHERE tenant_id = $1"),
    ("attestation", "DELETE FROM attestation WHERE tenant_id = $1"),
    ("review", "DELETE FROM review WHERE tenant_id = $1"),
    ("action_update", "DELETE FROM action_update WHERE tenant_id = $1"),
    ("assessment", "DELETE FROM assessment WHERE tenant_id = $1"),
    ("tenant", "DELETE FROM tenant WHERE id = $1"),
];

/// What went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Deleted {
    /// Assessments.
    pub assessments: u64,
    /// Rows of all tables.
    pub rows: u64,
    /// Entries of the audit log whose detail was emptied.
    pub emptied: u64,
    /// Whether the database gave the place of the rows back, so that their bytes are gone from its file. PostgreSQL does it by
    /// itself, later; SQLite can't while another program writes.
    pub reclaimed: bool,
}

impl Archive {
    /// Deletes a tenant with all that is kept of it: rows, snapshots, evidence, configuration. In the audit log its entries keep
    /// who did what when, and their place in the chain; what was said in them is emptied, and an entry says that the tenant went.
    /// Backups are nobody's business here.
    ///
    /// # Errors
    /// When there is no such tenant, the database refuses or a folder can't be moved: everything is as before then. When files
    /// can't be removed after that, they lie in `incoming`, and the error names them.
    pub async fn delete_tenant(&self, actor: &Actor, id: &str) -> Result<Deleted, HistoryError> {
        self.history.tenant(id).await?;
        let away = self.incoming()?.join(format!("deleted-{}", uuid::Uuid::now_v7()));
        let mut moved = Vec::new();
        let deleted = match self.set_aside(id, &away, &mut moved).await {
            Ok(()) => self.history.delete_rows(actor, id).await,
            Err(error) => Err(error),
        };
        let mut deleted = match deleted {
            Ok(deleted) => deleted,
            Err(error) => {
                for (from, to) in moved.iter().rev() {
                    // Whatever can't go back stays where an administrator finds it; the first error says more.
                    let _ = fs::rename(to, from);
                }
                let _ = fs::remove_dir(&away);
                return Err(error);
            }
        };
        if away.exists() {
            fs::remove_dir_all(&away).map_err(|source| HistoryError::File { action: "remove", path: away, source })?;
        }
        deleted.reclaimed = self.history.reclaim().await;
        Ok(deleted)
    }

    /// Moves the files of a tenant out of the way. Tenants whose ids make the same folder keep what is theirs.
    async fn set_aside(&self, id: &str, away: &Path, moved: &mut Vec<(PathBuf, PathBuf)>) -> Result<(), HistoryError> {
        let folder = safe(id);
        let tenants = self.history.tenants().await?;
        let shared = tenants.iter().any(|tenant| tenant.id != id && safe(&tenant.id) == folder);
        let places: Vec<PathBuf> = if shared {
            self.history.files_of(id).await?.into_iter().map(PathBuf::from).collect()
        } else {
            let own = ["snapshots", "evidence", EXPORTS].map(|kind| Path::new(kind).join(&folder));
            own.into_iter().chain([Path::new(CONFIGURATIONS).join(format!("{folder}.toml"))]).collect()
        };
        for place in places {
            let from = self.folder().join(&place);
            if !from.exists() {
                continue;
            }
            let to = away.join(&place);
            let failed =
                |path: &Path, source| HistoryError::File { action: "move away", path: path.to_owned(), source };
            if let Some(parent) = to.parent() {
                fs::create_dir_all(parent).map_err(|source| failed(&from, source))?;
            }
            fs::rename(&from, &to).map_err(|source| failed(&from, source))?;
            moved.push((from, to));
        }
        Ok(())
    }
}

impl History {
    /// The snapshots and evidence that the assessments of a tenant refer to, below the data folder.
    async fn files_of(&self, id: &str) -> Result<Vec<String>, HistoryError> {
        let sql = "SELECT snapshot FROM assessment WHERE tenant_id = $1 AND snapshot <> ''
                   UNION SELECT evidence FROM assessment WHERE tenant_id = $1 AND evidence <> ''";
        sqlx::query_scalar(sql).bind(id).fetch_all(self.pool()).await.map_err(doing("list the files of a tenant"))
    }

    async fn delete_rows(&self, actor: &Actor, id: &str) -> Result<Deleted, HistoryError> {
        let failed = doing("delete a tenant");
        let mut transaction = self.write().await?;
        let known = sqlx::query("SELECT industry, seats, newest_day FROM tenant WHERE id = $1")
            .bind(id)
            .fetch_optional(&mut *transaction)
            .await
            .map_err(&failed)?
            .ok_or(HistoryError::NotFound { what: "tenant", id: id.to_owned() })?;
        let industry: String = known.try_get("industry").map_err(&failed)?;
        let seats: i64 = known.try_get("seats").map_err(&failed)?;
        let day: i64 = known.try_get("newest_day").map_err(&failed)?;
        let mut gone = std::collections::BTreeMap::new();
        for (table, statement) in STATEMENTS {
            let done = sqlx::query(statement).bind(id).execute(&mut *transaction).await.map_err(&failed)?;
            gone.insert(table, done.rows_affected());
        }
        if day >= 0 {
            // Of the newest day the others stand alone; days before keep their numbers, which name nobody.
            cohorts::write(&mut transaction, &cohorts_of(&industry, u64::try_from(seats).ok()), day).await?;
        }
        let emptied = empty(&mut transaction, id).await?;
        let rows = gone.values().sum();
        let detail = json!({"rows": gone, "emptiedEntries": emptied});
        append(&mut transaction, actor, id, "tenant.delete", id, &detail).await?;
        transaction.commit().await.map_err(failed)?;
        let assessments = gone.get("assessment").copied().unwrap_or_default();
        Ok(Deleted { assessments, rows, emptied, reclaimed: false })
    }

    /// Writes the file of the database anew, without what was deleted from it.
    async fn reclaim(&self) -> bool {
        match self.kind() {
            Kind::Postgres => false,
            Kind::Sqlite => {
                let vacuumed = sqlx::query("VACUUM").execute(self.pool()).await.is_ok();
                let truncated = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(self.pool()).await;
                let busy = truncated.ok().and_then(|row| row.try_get::<i64, _>(0).ok());
                vacuumed && busy == Some(0)
            }
        }
    }
}

/// Empties what the entries of a tenant say; their hashes stay, so that the chain holds.
async fn empty(transaction: &mut Transaction<'static, Any>, id: &str) -> Result<u64, HistoryError> {
    let emptied = sqlx::query("UPDATE audit SET detail = '' WHERE tenant_id = $1 AND detail <> ''").bind(id);
    let done = emptied.execute(&mut **transaction).await.map_err(doing("empty entries of the audit log"))?;
    Ok(done.rows_affected())
}
